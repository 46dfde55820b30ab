import type { DigitEvent } from '../../calls';
import type { CallFacts } from './call-facts';
import type { CheckSpec, MessageFacts } from './spec';

/** Kind of value that a subject has; `any` for those that a flow makes itself. */
export type SubjectType = 'text' | 'number' | 'flag' | 'choice' | 'any';

/** Something that can be checked. Forms and documents are made from these descriptions. */
export interface CheckSubject {
  readonly name: string;
  readonly type: SubjectType;
  /** What its value is about: a call, or the message that asks for the check. */
  readonly of: 'call' | 'message';
  /** `ms`, `%`, `dBFS` */
  readonly unit?: string;
  /** All values of a `choice`. */
  readonly values?: readonly string[];
  /** What `name` of the check has to be, where it needs one. */
  readonly named?: 'field' | 'source' | 'property' | 'expression';
  /** Whether `message` of the check can choose a SIP message: `INVITE`, `200`, `200 BYE`; blank: the latest that has it. */
  readonly ofMessage?: boolean;
}

interface CallSubject extends CheckSubject {
  readonly of: 'call';
  /** Undefined while the value is not known. */
  readonly read: (call: CallFacts, spec: CheckSpec) => unknown;
}

interface MessageSubject extends CheckSubject {
  readonly of: 'message';
  readonly read: (facts: MessageFacts, spec: CheckSpec) => unknown;
}

export type ReadableSubject = CallSubject | MessageSubject;

type Details = Omit<CheckSubject, 'name' | 'type' | 'of'>;

function ofCall(
  name: string,
  type: SubjectType,
  read: CallSubject['read'],
  details: Details = {},
): CallSubject {
  return { name, type, of: 'call', read, ...details };
}

function ofMessage(
  name: string,
  type: SubjectType,
  read: MessageSubject['read'],
  details: Details = {},
): MessageSubject {
  return { name, type, of: 'message', read, ...details };
}

const MS = { unit: 'ms' };
const DBFS = { unit: 'dBFS' };
/** Below the noise of 16 bits: what is silent has this level instead of minus infinity, which JSON does not know. */
const SILENT_DBFS = -120;

/** Value of `msg.heard` that the listening of a flow has left there. */
function heard(property: string): MessageSubject['read'] {
  return ({ msg }) => at(msg, ['heard', property]);
}

/** Everything that can be checked, in the order in which forms show it. */
export const READABLE_SUBJECTS: readonly ReadableSubject[] = [
  ofCall('state', 'choice', ({ info }) => info.state, {
    values: ['new', 'ringing', 'early-media', 'answering', 'answered', 'ending', 'ended'],
  }),
  ofCall('answered', 'flag', ({ info }) => info.answeredAt !== null),
  ofCall('status', 'number', ({ info }) => info.status ?? undefined),
  ofCall('reason', 'text', ({ info }) => info.reason ?? undefined),
  ofCall('codec', 'text', ({ info }) => info.codec ?? undefined),
  ofCall('direction', 'choice', ({ info }) => info.direction, { values: ['in', 'out'] }),
  ofCall('endedBy', 'choice', ({ info }) => info.endedBy ?? undefined, {
    values: ['local', 'remote', 'error'],
  }),
  ofCall('setupMs', 'number', (call) => call.sip.setupMs ?? answerMs(call), MS),
  ofCall('ringDelayMs', 'number', ({ sip }) => sip.ringDelayMs, MS),
  ofCall('ringMs', 'number', ({ sip }) => sip.ringMs, MS),
  ofCall('durationMs', 'number', ({ info }) => info.durationMs, MS),
  ofCall('srtp', 'flag', ({ info }) => info.srtp),
  ofCall('srtpSuite', 'text', ({ info, sip }) => (info.srtp ? sip.srtpSuite : undefined)),
  ofCall('dtmfMethod', 'choice', ({ info }) => info.dtmfMethod ?? undefined, {
    values: ['rfc4733', 'info', 'inband'],
  }),
  ofCall('transport', 'choice', ({ sip }) => sip.transport, { values: ['udp', 'tcp', 'tls', 'ws', 'wss'] }),
  ofCall('header', 'text', ({ sip }, { name = '', message = '' }) => sip.header(name, message), {
    named: 'field',
    ofMessage: true,
  }),
  ofCall('sdp', 'text', ({ sip }, { message = '' }) => sip.sdp(message), { ofMessage: true }),
  ofCall('methods', 'text', ({ sip }) => sip.methods || undefined),
  ofCall('packets', 'number', ({ info }) => info.rtp?.received.packets),
  ofCall('lossPercent', 'number', lossPercent, { unit: '%' }),
  ofCall('jitterMs', 'number', (call) => whenHeard(call, ({ received }) => rounded(received.jitterMs)), MS),
  ofCall('rttMs', 'number', ({ info }) => rounded(info.rtp?.rttMs), MS),
  ofCall('mos', 'number', ({ info }) => rounded(info.mos ?? undefined)),
  ofCall('levelDbfs', 'number', (call) => whenHeard(call, (rtp) => level(rtp.receivedLevelDbfs)), DBFS),
  ofCall('silencePercent', 'number', silencePercent, { unit: '%' }),
  ofCall('audio', 'choice', audio, { values: ['both', 'received', 'sent', 'none'] }),
  ofCall('digits', 'text', ({ digits }) => digits.map(({ digit }) => digit).join('')),
  ofCall('digitMs', 'number', ({ digits }) => least(digits.map(({ durationMs }) => durationMs)), MS),
  ofCall('gapMs', 'number', ({ digits }) => least(gapsOf(digits)), MS),
  ofCall('recordingMs', 'number', ({ recording }) => recording?.report?.durationMs, MS),
  ofCall('recordingDbfs', 'number', async (call) => level(await call.recordingLevel()), DBFS),
  ofCall('recordingHas', 'number', (call, { name = '' }) => call.recordingScore(name), { named: 'source' }),
  ofMessage('heard', 'text', heard('reference')),
  ofMessage('latencyMs', 'number', heard('latencyMs'), MS),
  ofMessage('greetingMs', 'number', heard('greetingMs'), MS),
  ofMessage('talkOverMs', 'number', heard('talkOverMs'), MS),
  ofMessage('deadAirMs', 'number', heard('deadAirMs'), MS),
  ofMessage('bargeInMs', 'number', heard('bargeInMs'), MS),
  ofMessage('msg', 'any', ({ msg }, { name = '' }) => at(msg, pathOf(name)), { named: 'property' }),
  ofMessage('jsonata', 'any', (facts, { name = '' }) => facts.evaluate?.(name), { named: 'expression' }),
  ofMessage('error', 'text', ({ msg }) => at(msg, ['error', 'code']) ?? at(msg, ['failure', 'code'])),
];

/** What can be checked, as data. */
export const CHECK_SUBJECTS: readonly CheckSubject[] = READABLE_SUBJECTS.map(
  ({ read: _, ...described }) => described,
);

const BY_NAME = new Map(READABLE_SUBJECTS.map((subject) => [subject.name, subject]));

/** The subject of that name; undefined when there is none. */
export function subjectOf(name: string): ReadableSubject | undefined {
  return BY_NAME.get(name);
}

function answerMs({ info }: CallFacts): number | undefined {
  return info.answeredAt === null ? undefined : Date.parse(info.answeredAt) - Date.parse(info.startedAt);
}

function lossPercent({ info }: CallFacts): number | undefined {
  if (!info.rtp) return undefined;
  const { packets, lost } = info.rtp.received;
  const expected = packets + lost;
  return expected > 0 ? Math.round((1000 * Math.max(0, lost)) / expected) / 10 : undefined;
}

function silencePercent({ info }: CallFacts): number | undefined {
  const share = info.rtp?.receivedSilenceShare;
  return share === undefined ? undefined : Math.round(share * 1000) / 10;
}

function audio({ info }: CallFacts): string | undefined {
  if (!info.rtp) return undefined;
  const received = info.rtp.received.packets > 0;
  const sent = info.rtp.sent.packets > 0;
  if (received) return sent ? 'both' : 'received';
  return sent ? 'sent' : 'none';
}

/** A figure of what was received, when something was. */
function whenHeard(
  { info: { rtp } }: CallFacts,
  figure: (rtp: NonNullable<CallFacts['info']['rtp']>) => number | undefined,
): number | undefined {
  return rtp && rtp.received.packets > 0 ? figure(rtp) : undefined;
}

/** With two decimals, as people read it. */
function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 100) / 100;
}

function level(dbfs: number | undefined): number | undefined {
  return dbfs === undefined ? undefined : Math.max(SILENT_DBFS, Math.round(dbfs * 10) / 10);
}

function gapsOf(digits: readonly DigitEvent[]): number[] {
  return digits.slice(1).map(({ atMs }, index) => atMs - digits[index].atMs - digits[index].durationMs);
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.round(Math.min(...values));
}

/** `payload.lines[0].text` as the names on the way. */
function pathOf(property: string): string[] {
  return property
    .replace(/^msg\./, '')
    .split(/[.[\]]+/)
    .map((name) => name.replace(/^(["'])(.*)\1$/, '$2'))
    .filter((name) => name !== '');
}

/** A value within a value; only own properties count, so that a path cannot lead out of the data. */
function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}
