import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Call, Phone, PhoneSettings } from '../lib';
import { number, text } from './arguments';
import type { Terminal } from './command';
import { safeText } from './safe-text';

/** What a command does in its call. */
export interface Talk {
  play?: string;
  dtmf?: string;
  record?: string;
  /** Seconds. */
  for?: number;
}

const SHORTEST_S = 0.1;
const LONGEST_S = 86_400;

/** Adds the options for what is done in a call to a command. */
export function withTalkOptions(command: Command): Command {
  return command
    .option('--play <SOURCE>', 'sound to play: a WAV file, a URL, sipflow:welcome, tone:440, say:Hello', text)
    .option('--dtmf <DIGITS>', 'digits to send; a comma is a pause of half a second', text)
    .option('--record <FILE>', 'WAV file for what both sides say; a file that exists is kept', text)
    .option('--for <SECONDS>', 'hang up that long after the answer', number(SHORTEST_S, LONGEST_S));
}

/** The phone's setting for a recording at the path that was asked for. */
export function recordingFolder({ record }: Talk): Pick<PhoneSettings, 'recordingsDir'> {
  return record === undefined ? {} : { recordingsDir: dirname(resolve(record)) };
}

/** Sounds that are made, not read. */
const MADE = /^(tone:|silence$)/i;

/**
 * Looks at a sound that has to be read before anybody is called.
 *
 * @throws SipflowError BAD_AUDIO, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function checkSound(phone: Phone, { play }: Talk): Promise<void> {
  if (play !== undefined && !MADE.test(play)) await phone.probe(play);
}

/**
 * Records, plays and sends digits in an answered call, then hangs up: after `for`, else when sound and digits are
 * through, else when the other side does.
 *
 * @throws SipflowError for digits that cannot be sent, for a recording that cannot be written
 */
export async function talk(call: Call, what: Talk, { print }: Terminal): Promise<void> {
  const { play, dtmf, record, for: duration } = what;
  const recording = record === undefined ? undefined : await call.record({ file: basename(record) });
  try {
    const said = Promise.all([play && playTo(call, play, print), dtmf && sendTo(call, dtmf, print)]);
    if (duration !== undefined || (play === undefined && dtmf === undefined)) {
      const over = call.waitFor('ended', { timeout: duration });
      // A sound that cannot be played ends the call before its time.
      await Promise.race([over, said.then(() => over)]);
    } else {
      await said;
    }
  } finally {
    await call.hangup();
  }
  if (!recording) return;
  const { file, durationMs } = await recording.finished;
  print(`recorded ${safeText(file)}, ${seconds(durationMs)}`);
}

/** A line of the result: how the call ended, and how long it was. */
export async function reportEnd(call: Call, { print }: Terminal): Promise<void> {
  const { endedBy, durationMs } = await call.info();
  const who = endedBy === 'remote' ? 'the other side hung up' : 'hung up';
  print(`${who} after ${seconds(durationMs)}`);
}

async function playTo(call: Call, source: string, print: Terminal['print']): Promise<void> {
  const playback = await call.play({ source });
  const { playedMs } = await playback.finished;
  print(`played ${safeText(source)}, ${seconds(playedMs)}`);
}

async function sendTo(call: Call, digits: string, print: Terminal['print']): Promise<void> {
  const { method } = await call.sendDigits({ digits });
  print(`sent ${safeText(digits)} by ${method}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
