import type { PhoneProcess } from './phone-process';
import { Sipp, type SippReport } from './sipp';

/** Which side we are: `uac` calls SIPp, `uas` is called by it. */
export type Role = 'uac' | 'uas';

/** Calls at an even rate, each ended as soon as it is answered. */
export interface Load {
  /** Calls per second. */
  rate: number;
  calls: number;
}

/** Result of a load. */
export interface LoadReport extends Load {
  failures: number;
  retransmissions: number;
  setupMs: number[];
  /** Until the last call was over (uac) or answered (uas), milliseconds. */
  elapsedMs: number;
}

/** Time for the retransmissions of a call whose every message but the last gets lost, seconds. */
const PATIENCE_SECONDS = 20;

/** Puts a load on the process under test and waits until its calls are over. */
export function putLoad(phone: PhoneProcess, role: Role, load: Load): Promise<LoadReport> {
  return role === 'uac' ? callSipp(phone, load) : beCalled(phone, load);
}

/** The same load between two SIPps: the limit of the machine and of SIPp. */
export async function sippAgainstSipp({ rate, calls }: Load): Promise<LoadReport> {
  const callee = await Sipp.start({ scenario: 'callee', calls, limitSeconds: limit({ rate, calls }) });
  const called = callee.finished();
  const report = await callFrom('caller', callee.host, { rate, calls });
  callee.stop();
  const { retransmissions } = await called;
  return { ...report, retransmissions: report.retransmissions + retransmissions, rate, calls };
}

async function callSipp(phone: PhoneProcess, load: Load): Promise<LoadReport> {
  const { rate, calls } = load;
  const callee = await Sipp.start({ scenario: 'callee', calls, limitSeconds: limit(load) });
  const called = callee.finished();
  const dialled = await phone.ask({
    type: 'dial',
    target: `sip:sipp@${callee.host}`,
    rate,
    calls,
    hangUp: true,
  });
  if (dialled.failures > 0) callee.stop();
  const { failures, retransmissions } = await called;
  return { ...load, ...dialled, failures: Math.max(failures, dialled.failures), retransmissions };
}

async function beCalled(phone: PhoneProcess, load: Load): Promise<LoadReport> {
  const before = await phone.ask({ type: 'usage' });
  const report = await callFrom('caller', phone.host, load);
  const after = await phone.ask({ type: 'usage' });
  return { ...load, ...report, failures: Math.max(report.failures, after.broken - before.broken) };
}

async function callFrom(scenario: 'caller', target: string, load: Load): Promise<SippReport> {
  const caller = await Sipp.start({ scenario, target, ...load, limitSeconds: limit(load) });
  return caller.finished();
}

function limit({ rate, calls }: Load): number {
  return Math.ceil(calls / rate) + PATIENCE_SECONDS;
}
