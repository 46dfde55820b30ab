import { basename, dirname, resolve } from 'node:path';
import type { Call, Phone, PhoneSettings } from '../lib';
import { numberOf, type Arguments, type Options } from './arguments';
import type { Terminal } from './command';
import { safeText } from './safe-text';

/** Options for the actions of a command in a call. */
export const TALK_OPTIONS: Options = {
  play: { value: 'SOURCE', help: 'sound to play: a WAV file, a URL, sipflow:welcome, tone:440' },
  dtmf: { value: 'DIGITS', help: 'digits to send; a comma is a pause of half a second' },
  record: { value: 'FILE', help: 'WAV file for what both sides say; a file that exists is kept' },
  for: { value: 'SECONDS', help: 'hang up that long after the answer' },
};

export interface Talk {
  play?: string;
  dtmf?: string;
  record?: string;
  /** Seconds. */
  duration?: number;
}

const LONGEST_S = 86_400;

/** @throws UsageError for a duration that is none */
export function talkOf(given: Arguments): Talk {
  const { play, dtmf, record } = given.values;
  return { play, dtmf, record, duration: numberOf(given, 'for', 0.1, LONGEST_S) };
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
 * Records, plays and sends digits in an answered call, then hangs up: after `duration`, else when sound and digits are
 * through, else when the other side does.
 *
 * @throws SipflowError for digits that cannot be sent, for a recording that cannot be written
 */
export async function talk(call: Call, what: Talk, { print }: Terminal): Promise<void> {
  const { play, dtmf, record, duration } = what;
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
