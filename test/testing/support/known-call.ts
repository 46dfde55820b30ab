import type { CallInfo, CallLookup, CallRecording, DigitEvent, TracedMessage } from '../../../lib/calls';
import { SipflowError } from '../../../lib/common/errors';

const AUDIO = [
  'v=0',
  'o=- 1 1 IN IP4 10.0.0.1',
  's=-',
  'c=IN IP4 10.0.0.1',
  't=0 0',
  'm=audio 4000 RTP/SAVP 0',
];

function message(atMs: number, direction: 'in' | 'out', line: string, cseq: string, ...rest: string[]) {
  const text = [line, 'Call-ID: c1', `CSeq: ${cseq}`, ...rest].join('\r\n');
  return { atMs, direction, transport: 'UDP', local: '10.0.0.1:5060', remote: '10.0.0.2:5060', text };
}

/** Lines of a message with a session description. */
function withSdp(fields: string[], ...lines: string[]): string[] {
  return [...fields, 'Content-Type: application/sdp', '', ...AUDIO, ...lines, ''];
}

const OFFER = ['a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***', 'a=crypto:2 AEAD_AES_256_GCM inline:***'];
const ANSWER = ['a=crypto:2 AEAD_AES_256_GCM inline:***', 'a=sendonly'];

/** Messages of a call that was answered after it rang; the INVITE was sent twice. */
export const MESSAGES: TracedMessage[] = [
  message(1000, 'out', 'INVITE sip:1002@b SIP/2.0', '1 INVITE', ...withSdp(['X-Ticket: 4711'], ...OFFER)),
  message(1500, 'out', 'INVITE sip:1002@b SIP/2.0', '1 INVITE', ...withSdp(['X-Ticket: 4711'], ...OFFER)),
  message(1510, 'in', 'SIP/2.0 100 Trying', '1 INVITE', '', ''),
  message(1600, 'in', 'SIP/2.0 180 Ringing', '1 INVITE', 'X-Queue: support', '', ''),
  message(4000, 'in', 'SIP/2.0 200 OK', '1 INVITE', ...withSdp(['m: <sip:1002@10.0.0.2>'], ...ANSWER)),
  message(4010, 'out', 'ACK sip:1002@10.0.0.2 SIP/2.0', '1 ACK', '', ''),
  message(9000, 'out', 'BYE sip:1002@10.0.0.2 SIP/2.0', '2 BYE', 'X-Ticket: 4712', '', ''),
  message(9010, 'in', 'SIP/2.0 200 OK', '2 BYE', 'X-Queue: none', '', ''),
];

export const INFO: CallInfo = {
  state: 'ended',
  direction: 'out',
  codec: 'PCMU',
  dtmfMethod: 'rfc4733',
  srtp: true,
  startedAt: '2026-11-22T22:15:30.000Z',
  answeredAt: '2026-11-22T22:15:33.100Z',
  endedAt: '2026-11-22T22:15:38.100Z',
  durationMs: 5000,
  endedBy: 'local',
  status: 200,
  reason: 'OK',
  headers: {},
  rtp: {
    sent: { packets: 250, bytes: 40_000 },
    received: {
      packets: 245,
      bytes: 39_200,
      lost: 5,
      duplicates: 0,
      outOfOrder: 0,
      jitterMs: 1.2471,
      discarded: 0,
    },
    mos: 4.2,
    rttMs: 12.0043,
    skippedTicks: 0,
    maxLagMs: 1,
    receivedLevelDbfs: -21.34,
    receivedSilenceShare: 0.254,
    ssrc: 1,
  },
  mos: 4.2,
};

export const DIGITS: DigitEvent[] = [
  { digit: '1', method: 'rfc4733', atMs: 100, durationMs: 100 },
  { digit: '2', method: 'rfc4733', atMs: 260, durationMs: 80 },
  { digit: '#', method: 'rfc4733', atMs: 600, durationMs: 120 },
];

export interface Known {
  info?: Partial<CallInfo>;
  messages?: readonly TracedMessage[];
  digits?: readonly DigitEvent[];
  recordings?: readonly CallRecording[];
}

export const REF = { type: 'sip-call', id: 'call-1' } as const;

/** A world with one call, which has ended. */
export function worldWith({
  info,
  messages = MESSAGES,
  digits = DIGITS,
  recordings = [],
}: Known = {}): CallLookup {
  return {
    running: [],
    ended: [],
    live: () => {
      throw new SipflowError('CALL_ENDED', 'The call has ended.');
    },
    find: (reference) => {
      if (reference !== REF && reference !== REF.id) {
        throw new SipflowError('CALL_UNKNOWN', 'There is no such call.');
      }
      return {
        tombstone: {
          ref: {
            ...REF,
            instance: 'p',
            direction: 'out',
            callId: 'c1',
            from: 'sip:1001@a',
            to: 'sip:1002@b',
          },
          info: { ...INFO, ...info },
          endedAt: 0,
          receivedDigits: digits,
          mediaStartedAt: undefined,
          callIds: ['c1'],
          recordings,
          trace: () => [...messages],
          capture: async () => ({
            mode: 'off',
            messages: [],
            packets: [],
            leftOut: { messages: 0, packets: 0 },
          }),
        },
      };
    },
  };
}
