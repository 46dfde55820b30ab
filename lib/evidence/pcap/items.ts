import { hostAndPort, endpointsOf, isWildcard, type Endpoint } from './endpoints';
import { latin1Bytes, latin1Of } from './latin1';
import { sipBytes, type PcapMessage } from './sip-bytes';

/** A packet of a call's audio; `CapturedPacket` of a session fits. */
export interface PcapPacket {
  /** Milliseconds since the Unix epoch. */
  atMs: number;
  direction: 'in' | 'out';
  /** `address:port`, IPv6 in brackets. */
  local: string;
  remote: string;
  /** The packet, or its beginning. */
  bytes: Uint8Array;
  /** Bytes of the whole packet. */
  length: number;
}

/** Call of a capture: what `call.capture()` gives fits, and `{ messages: call.trace() }` is enough. */
export interface PcapCall {
  messages: readonly PcapMessage[];
  packets?: readonly PcapPacket[];
  /** What was forgotten of the call; the file tells of it. */
  leftOut?: { messages: number; packets: number };
}

/** Something that was sent, before it becomes one frame or several. */
export interface Item {
  atMs: number;
  from: Endpoint;
  to: Endpoint;
  /** Whether it is a part of a stream. */
  stream: boolean;
  payload: Uint8Array;
  /** Bytes of the whole payload. */
  length: number;
}

const STREAMS = /^(tcp|tls|ws|wss)$/i;
/** Streams that are written without what was around the messages. */
const UNWRAPPED = /^(tls|ws|wss)$/i;
/** Ports at which readers expect TLS or HTTP, and would not look for SIP. */
const OTHER_PORTS = [80, 443, 3000, 4443, 5061, 8000, 8008, 8080, 8081, 8088, 8089, 8443, 8888, 9443];
const SIP_PORT = 5060;
const SYSLOG_PORT = 514;
/** Of a note: local use, notice (RFC 3164). */
const SYSLOG_NOTICE = '<133>';

/** Everything of a call in order of time. */
export function itemsOf({ messages, packets = [], leftOut }: PcapCall): Item[] {
  const own = ownAddress(messages);
  const decrypted = packets.length > 0;
  const items = [
    ...messages.map((message) => messageItem(message, sipBytes(message, decrypted), own)),
    ...packets.map((packet): Item => ({
      ...directed(packet, own),
      atMs: packet.atMs,
      stream: false,
      payload: packet.bytes,
      length: packet.length,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  const note = leftOut && noteOf(leftOut);
  if (note !== undefined) items.unshift(noteItem(note, items[0]?.atMs ?? 0));
  return items;
}

function messageItem(message: PcapMessage, payload: Uint8Array, own: string | undefined): Item {
  const { from, to } = directed(message, own);
  const isUnwrapped = UNWRAPPED.test(message.transport);
  return {
    atMs: message.atMs,
    from: isUnwrapped ? readable(from) : from,
    to: isUnwrapped ? readable(to) : to,
    stream: STREAMS.test(message.transport),
    payload,
    length: payload.length,
  };
}

function directed(
  { direction, local, remote }: Pick<PcapPacket, 'direction' | 'local' | 'remote'>,
  own: string | undefined,
): Pick<Item, 'from' | 'to'> {
  const ends = endpointsOf(local, remote, own);
  return direction === 'out' ? { from: ends.local, to: ends.remote } : { from: ends.remote, to: ends.local };
}

function readable({ address, port }: Endpoint): Endpoint {
  return { address, port: OTHER_PORTS.includes(port) ? SIP_PORT : port };
}

/** Our address for a socket that is bound to all of them: that of our SDP, else of the Via or Contact of our requests. */
function ownAddress(messages: readonly PcapMessage[]): string | undefined {
  const first = messages.find(({ local }) => !isWildcard(hostAndPort(local).host));
  if (first) return hostAndPort(first.local).host;
  const texts = messages.map((message) => ({
    out: message.direction === 'out',
    text: 'text' in message ? message.text : latin1Of(message.bytes),
  }));
  const sent = texts.filter(({ out }) => out).map(({ text }) => text);
  const answered = texts
    .filter(({ out, text }) => !out && text.startsWith('SIP/2.0 '))
    .map(({ text }) => text);
  return (
    found(sent, /^c=IN IP[46] ([^\s/]+)/m) ??
    found(sent, /^contact[ \t]*:[^\r\n]*?sips?:(?:[^@\s>]+@)?(\[[^\]]+\]|[^\s;:>]+)/im) ??
    found(answered, /^(?:via|v)[ \t]*:[ \t]*SIP\/2\.0\/\S+[ \t]+(\[[^\]]+\]|[^\s;:]+)/im)
  );
}

function found(texts: readonly string[], pattern: RegExp): string | undefined {
  for (const text of texts) {
    const host = pattern.exec(text)?.[1].replace(/^\[|\]$/g, '');
    if (host !== undefined && !isWildcard(host)) return host;
  }
  return undefined;
}

/** What a reader of the file has to know of what is not in it. */
function noteOf({ messages, packets }: { messages: number; packets: number }): string | undefined {
  const parts = [
    ...(messages > 0 ? [`${messages} earlier SIP messages`] : []),
    ...(packets > 0 ? [`${packets} RTP packets`] : []),
  ];
  return parts.length > 0 ? `SIPFLOW: not in this capture: ${parts.join(' and ')} of the call` : undefined;
}

/** A note as a message of syslog from this machine to itself, since the format has no place for comments. */
function noteItem(text: string, atMs: number): Item {
  const here = { address: Uint8Array.of(127, 0, 0, 1), port: SYSLOG_PORT };
  const payload = latin1Bytes(`${SYSLOG_NOTICE}${text}`);
  return { atMs, from: here, to: here, stream: false, payload, length: payload.length };
}
