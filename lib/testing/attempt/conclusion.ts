import type { IncomingCall, OutgoingCall } from '../../calls';
import { type Clock, settledWithin, type SipflowError } from '../../common';
import { TEST_LIMITS } from '../limits';
import type { CallEvidence, Leak, MediaSample } from '../types';
import type { AttemptLog } from './attempt-log';
import { stepName } from './judge';
import type { Ending } from './state';

export type AnyCall = IncomingCall | OutgoingCall;

/** Attempt that has ended and is to be concluded. */
export interface Ended {
  readonly clock: Clock;
  readonly ending: Ending;
  readonly log: AttemptLog;
  /** All calls that have evidence. */
  readonly calls: readonly AnyCall[];
  /** The received audio of a call over time, by its id. */
  readonly series: (id: string) => MediaSample[] | undefined;
  /** Name of a phone, by its id. */
  readonly phoneName: (id: string) => string | undefined;
  /** Live calls above the limit of evidence. */
  readonly further: readonly AnyCall[];
  /** Whether the evidence of the calls is to have their messages. */
  readonly keepsMessages: (leaks: readonly Leak[]) => boolean;
  /** Time of the clock by which everything has to be through. */
  readonly deadline: number;
}

export interface Conclusion {
  /** Something of ours that broke, in which case there is nothing else. */
  fault?: SipflowError;
  leaks: Leak[];
  calls: CallEvidence[];
}

/**
 * Hangs up what still stands, waits until the calls, their recordings and the steps are over, and says what was not
 * given back; then gathers what is known of the calls.
 */
export async function conclude(ended: Ended): Promise<Conclusion> {
  const { clock, calls, further, log, deadline, ending } = ended;
  const left = (): number => Math.max(0, deadline - clock.now());
  const all = [...calls, ...further];
  const standing = all.filter(({ state }) => state !== 'ending' && state !== 'ended');
  const leaks: Leak[] = ending.by === 'end' ? standing.map(standingLeak) : [];
  const ends = all.filter(({ state }) => state !== 'ended').map((call) => call.hangup());
  if (ends.length > 0) await settledWithin(clock, Promise.all(ends), left());
  if (log.open.length > 0) {
    await settledWithin(clock, log.finished(), Math.min(TEST_LIMITS.stepGraceMs, left()));
  }
  leaks.push(...all.flatMap(unreturned));
  for (const { node } of log.open) {
    leaks.push({ kind: 'timer', what: `${stepName(node)} still waits, although the test has ended.` });
  }
  return { leaks, calls: await evidenceOf(ended, left, ended.keepsMessages(leaks)) };
}

function standingLeak(call: AnyCall): Leak {
  return { kind: 'call', what: `${named(call)} was still ${call.state} at the end of the test.` };
}

/** Whatever a call should have given back by now. */
function unreturned(call: AnyCall): Leak[] {
  const leaks: Leak[] = [];
  if (call.holdsPorts) leaks.push({ kind: 'port', what: `${named(call)} has not given back its RTP ports.` });
  for (const { file, final } of call.recordings) {
    if (!final) leaks.push({ kind: 'file', what: `The recording ${file} is not finished.` });
  }
  return leaks;
}

function named({ ref: { direction, from, to } }: AnyCall): string {
  return direction === 'out' ? `The call to ${to}` : `The call from ${from}`;
}

async function evidenceOf(ended: Ended, left: () => number, keepsMessages: boolean): Promise<CallEvidence[]> {
  const { clock, calls, log, series, phoneName } = ended;
  const evidence: CallEvidence[] = [];
  let bytes = 0;
  for (const call of calls) {
    let info: CallEvidence['info'] | undefined;
    const asked = call.info().then((told) => {
      info = told;
    });
    // An ended call has its figures at hand; one that does not end may have to ask a thread that does not answer.
    if (call.state === 'ended') await asked;
    else await settledWithin(clock, asked, left());
    if (!info) {
      log.leaveOut('calls');
      continue;
    }
    const messages = (keepsMessages ? call.trace() : []).filter(({ text }) => {
      bytes += text.length;
      if (bytes > TEST_LIMITS.bytes) log.leaveOut('messages');
      return bytes <= TEST_LIMITS.bytes;
    });
    const samples = series(call.id);
    const phone = phoneName(call.ref.instance);
    evidence.push({
      ref: call.ref,
      info,
      messages,
      recordings: call.recordings.map(({ file }) => file),
      ...(phone === undefined ? {} : { phone }),
      ...(samples ? { series: samples } : {}),
    });
  }
  return evidence;
}
