import { parseParameters } from '../message/header-values';

/** Names the missing tag of a peer of RFC 2543 (RFC 3891, 3). */
export const NULL_TAG = '0';

/** Names one dialog in a Replaces header, with the tags as its receiver sees them (RFC 3891, 6.1). */
export interface Replaces {
  callId: string;
  /** Tag of the side that receives the Replaces; `0` stands for none. */
  toTag: string;
  /** Tag of that side's peer; `0` stands for none. */
  fromTag: string;
  /** The dialog may be replaced only while it is not answered. */
  earlyOnly: boolean;
}

/** Reads the value of a Replaces header; undefined when the Call-ID or one of the tags is missing. */
export function parseReplaces(value: string): Replaces | undefined {
  const [callId] = value.split(';', 1);
  const parameters = parseParameters(value);
  const [toTag, fromTag] = [parameters.get('to-tag'), parameters.get('from-tag')];
  if (callId.trim() === '' || /[\s,]/.test(callId.trim()) || !toTag || !fromTag) return undefined;
  return { callId: callId.trim(), toTag, fromTag, earlyOnly: parameters.has('early-only') };
}

/** The value of a Replaces header. */
export function formatReplaces({ callId, toTag, fromTag, earlyOnly }: Replaces): string {
  return `${callId};to-tag=${toTag || NULL_TAG};from-tag=${fromTag || NULL_TAG}${earlyOnly ? ';early-only' : ''}`;
}
