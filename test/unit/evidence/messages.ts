import type { LadderCall } from '../../../lib/evidence';

type Message = LadderCall['messages'][number];

/** A message as a trace has it. */
export function traced(
  atMs: number,
  line: string,
  more: Partial<Message> & { fields?: string[]; body?: string } = {},
): Message {
  const { fields = [], body = '', ...rest } = more;
  const text = [
    line,
    'Call-ID: c1',
    'CSeq: 1 INVITE',
    'From: <sip:1001@a>;tag=1',
    'To: <sip:1002@b>',
    ...fields,
    '',
    body,
  ].join('\r\n');
  return {
    atMs,
    direction: 'out',
    transport: 'udp',
    local: '10.0.0.1:5060',
    remote: '10.0.0.2:5060',
    text,
    ...rest,
  };
}

/** A call with these messages. */
export function callOf(messages: Message[], more: Partial<LadderCall> = {}): LadderCall {
  const ref = { id: 'call-1', callId: 'c1', direction: 'out' as const, from: 'sip:1001@a', to: 'sip:1002@b' };
  return { ref, messages, ...more };
}

/** A description of one audio stream. */
export function sdp(audio: string, ...lines: string[]): string {
  return ['v=0', 'o=- 1 1 IN IP4 10.0.0.1', 's=-', 'c=IN IP4 10.0.0.1', 't=0 0', audio, ...lines, ''].join(
    '\r\n',
  );
}

export const SDP_TYPE = 'Content-Type: application/sdp';
