import { parseSdp, type SdpMedia, type SdpSection, type SessionDescription } from '../sdp';
import type { LadderWords } from './words';

/** Payload types that need no rtpmap (RFC 3551, 6). */
const STATIC_TYPES: Readonly<Record<string, string>> = {
  0: 'PCMU',
  3: 'GSM',
  4: 'G723',
  8: 'PCMA',
  9: 'G722',
  13: 'CN',
  15: 'G728',
  18: 'G729',
};
const MAX_CODECS = 8;

/**
 * A session description in a word: `PCMU PCMA te101`, with a hold, encryption, further media and the address of the
 * audio when they deserve a mention.
 *
 * @param host where the message came from; another address for the audio is told
 */
export function sdpWord(text: string, host: string, words: LadderWords): string {
  let description: SessionDescription;
  try {
    description = parseSdp(text);
  } catch {
    return `SDP ${words.unreadable}`;
  }
  const audio = description.media.find(({ media }) => media === 'audio');
  const others = description.media.filter((media) => media !== audio && media.port > 0);
  const parts = audio ? audioWords(description, audio, host, words) : ['-'];
  return [...parts, ...others.slice(0, 3).map(({ media }) => `+${media}`)].join(' ');
}

function audioWords(
  session: SessionDescription,
  audio: SdpMedia,
  host: string,
  words: LadderWords,
): string[] {
  if (audio.port === 0) return [words.refused];
  const parts = codecNames(audio);
  const address = (audio.connections[0] ?? session.connections[0])?.address ?? '';
  const direction = directionOf(audio) ?? directionOf(session) ?? 'sendrecv';
  if (isUnspecified(address)) parts.push(`${words.hold} (${address})`);
  else if (direction === 'sendonly' || direction === 'inactive') parts.push(`${words.hold} (${direction})`);
  else if (direction !== 'sendrecv') parts.push(direction);
  if (isEncrypted(session, audio)) parts.push(words.encrypted);
  if (address !== '' && !isUnspecified(address) && address !== host) parts.push(`@${address}`);
  return parts;
}

function codecNames(audio: SdpMedia): string[] {
  const names = new Map<string, string>();
  for (const { name, value = '' } of audio.attributes) {
    const match = name.toLowerCase() === 'rtpmap' && /^\s*(\d+)\s+([^/\s]+)/.exec(value);
    if (match) names.set(match[1], match[2]);
  }
  const shown = audio.formats.map((format) => {
    const name =
      names.get(format) ?? (Object.hasOwn(STATIC_TYPES, format) ? STATIC_TYPES[format] : undefined);
    return name?.toLowerCase() === 'telephone-event' ? `te${format}` : (name ?? format);
  });
  return shown.length > MAX_CODECS ? [...shown.slice(0, MAX_CODECS), `+${shown.length - MAX_CODECS}`] : shown;
}

function directionOf({ attributes }: SdpSection): string | undefined {
  return attributes
    .map(({ name }) => name.toLowerCase())
    .find((name) => ['sendrecv', 'sendonly', 'recvonly', 'inactive'].includes(name));
}

function isEncrypted(session: SdpSection, audio: SdpMedia): boolean {
  if (/SAVP/i.test(audio.protocol)) return true;
  return [...session.attributes, ...audio.attributes].some(({ name }) =>
    ['crypto', 'fingerprint', 'key-mgmt'].includes(name.toLowerCase()),
  );
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
