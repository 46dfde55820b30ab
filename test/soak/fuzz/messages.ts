/** A dialog as the fuzzer knows it; `local` is the fuzzer. */
export interface FuzzDialog {
  callId: string;
  localTag: string;
  remoteTag: string;
  /** Request-URI of the fuzzer's requests. */
  target: string;
  cseq: number;
}

/** A request of the phone under test that the fuzzer may answer. */
export interface PendingRequest {
  method: string;
  /** What every response echoes: Via, From, Call-ID, CSeq, Record-Route, each with its line end. */
  echoed: string;
  /** Value of To, without line end. */
  to: string;
}

export const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\n' +
  'a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n';

const BODIES: Readonly<Record<string, { type: string; content: string; fields?: string }>> = {
  INVITE: { type: 'application/sdp', content: SDP },
  UPDATE: { type: 'application/sdp', content: SDP },
  INFO: { type: 'application/dtmf-relay', content: 'Signal=5\r\nDuration=160\r\n' },
  MESSAGE: { type: 'text/plain', content: 'hello' },
  NOTIFY: {
    type: 'message/sipfrag',
    content: 'SIP/2.0 200 OK\r\n',
    fields: 'Event: refer\r\nSubscription-State: active;expires=60\r\n',
  },
};

const FIELDS: Readonly<Record<string, string>> = {
  REFER: 'Refer-To: <sip:other@127.0.0.1:9>\r\nReferred-By: <sip:fuzz@127.0.0.1>\r\n',
  PRACK: 'RAck: 1 1 INVITE\r\n',
  SUBSCRIBE: 'Event: presence\r\nExpires: 60\r\n',
};

let sequence = 0;

/** A text that no other message has, for branches, tags and Call-IDs. */
export function fresh(): string {
  sequence += 1;
  return `f${sequence.toString(36)}`;
}

/** A sound request; outside of a dialog when there is none. */
export function request(
  method: string,
  own: string,
  phone: string,
  dialog?: FuzzDialog,
  branch = `z9hG4bK${fresh()}`,
): string {
  const body = BODIES[method];
  const content = body?.content ?? '';
  const toTag = dialog ? `;tag=${dialog.remoteTag}` : '';
  return (
    `${method} ${dialog?.target ?? phone} SIP/2.0\r\n` +
    `Via: SIP/2.0/UDP ${own};branch=${branch};rport\r\n` +
    'Max-Forwards: 70\r\n' +
    `From: "Fuzz" <sip:fuzz@${own}>;tag=${dialog?.localTag ?? fresh()}\r\n` +
    `To: <${phone}>${toTag}\r\n` +
    `Call-ID: ${dialog?.callId ?? fresh()}\r\n` +
    `CSeq: ${dialog?.cseq ?? 1} ${method}\r\n` +
    `Contact: <sip:fuzz@${own}>\r\n` +
    (body?.fields ?? FIELDS[method] ?? '') +
    (body ? `Content-Type: ${body.type}\r\n` : '') +
    `Content-Length: ${content.length}\r\n\r\n${content}`
  );
}

/** A sound response to a request of the phone's. */
export function response(status: string, own: string, pending: PendingRequest, tag: string): string {
  const toTag = /;\s*tag=/.test(pending.to) || status.startsWith('100') ? '' : `;tag=${tag}`;
  const content = pending.method === 'INVITE' && /^(18|2)/.test(status) ? SDP : '';
  return (
    `SIP/2.0 ${status}\r\n${pending.echoed}To: ${pending.to}${toTag}\r\n` +
    `Contact: <sip:fuzz@${own}>\r\n` +
    (content === '' ? '' : 'Content-Type: application/sdp\r\n') +
    `Content-Length: ${content.length}\r\n\r\n${content}`
  );
}

/** The value of a header field of a message of the phone's, which writes full names. */
export function headerOf(message: string, name: string): string {
  const start = message.indexOf(`\r\n${name}: `);
  if (start < 0) return '';
  const from = start + name.length + 4;
  return message.slice(from, message.indexOf('\r\n', from));
}

/** The `tag` parameter of a From or To value. */
export function tagIn(value: string): string {
  return /;tag=([^;\s]+)/.exec(value)?.[1] ?? '';
}
