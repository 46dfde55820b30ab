import type { MessageRecord, TracedMessage } from '../../trace';
import { latin1Bytes, latin1Of } from './latin1';

/** A message of a call, as bytes or as text. */
export type PcapMessage = TracedMessage | (Omit<MessageRecord, 'bytes'> & { bytes: Uint8Array });

const END_OF_HEAD = /\r?\n\r?\n/;
const CONTENT_LENGTH = /^(content-length|l)([ \t]*:[ \t]*)(\d+)/im;
/** Profiles of a stream with encryption (RFC 3711, RFC 5124) and without. */
const SECURE_STREAM = /^(m=\S+ \S+ )RTP\/SAVP(F?)(?=[ \r\n]|$)/gm;
/** Keys in the description itself (RFC 4568). */
const CRYPTO_LINE = /^a=crypto:[^\r\n]*(?:\r?\n|$)/gim;
/** What masking leaves in a text (`maskSecrets`). */
const MASKED = '***';

/**
 * A message as a capture shows it.
 *
 * @param decrypted whether the packets of its call are in the capture, without encryption: then its SDP describes them so,
 *   since readers of captures take those of `RTP/SAVP` for encrypted ones
 */
export function sipBytes(message: PcapMessage, decrypted: boolean): Uint8Array {
  const original = 'bytes' in message ? message.bytes : new TextEncoder().encode(message.text);
  const text = latin1Of(original);
  const plain = decrypted ? withoutEncryption(text) : text;
  // Masking has made a text shorter; bytes are masked at their length.
  const isShorter = plain !== text || ('text' in message && text.includes(MASKED));
  return isShorter ? latin1Bytes(withLength(plain)) : original;
}

function withoutEncryption(text: string): string {
  const body = bodyOf(text);
  if (body === undefined) return text;
  const plain = body.replace(SECURE_STREAM, '$1RTP/AVP$2').replace(CRYPTO_LINE, '');
  return plain === body ? text : text.slice(0, text.length - body.length) + plain;
}

/** Corrects Content-Length. */
function withLength(text: string): string {
  const body = bodyOf(text);
  if (body === undefined) return text;
  const head = text.slice(0, text.length - body.length);
  return (
    head.replace(CONTENT_LENGTH, (_line, name: string, colon: string) => name + colon + body.length) + body
  );
}

function bodyOf(text: string): string | undefined {
  const end = END_OF_HEAD.exec(text);
  return end ? text.slice(end.index + end[0].length) : undefined;
}
