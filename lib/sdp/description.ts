import { trimmed } from '../common';

const NO_VALUES: readonly string[] = [];

/** One `a=` line: `a=name` or `a=name:value`; the value as it came. */
export interface SdpAttribute {
  name: string;
  value?: string;
}

/** The `o=` line (RFC 8866, 5.2). Ids stay strings: they may exceed 53 bits. */
export interface SdpOrigin {
  username: string;
  sessionId: string;
  sessionVersion: string;
  addressType: string;
  address: string;
}

/** A `c=` line (RFC 8866, 5.7). */
export interface SdpConnection {
  /** As written: `IP4` or `IP6`. */
  addressType: string;
  address: string;
  /** TTL and number of addresses of a multicast group (`/127/3`), without the first slash. */
  suffix?: string;
}

/** Any other line, kept as it came. */
export interface SdpLine {
  /** The letter before `=`. */
  type: string;
  value: string;
}

/** Common part of the session section and of each media description. */
export interface SdpSection {
  connections: SdpConnection[];
  attributes: SdpAttribute[];
  /** Every line without a field of its own (`i b k t …` and unknown ones), in order of appearance. */
  others: SdpLine[];
}

/** An `m=` line and what belongs to it (RFC 8866, 5.14). */
export interface SdpMedia extends SdpSection {
  /** Lower case: `audio`, `video`, `image`, … */
  media: string;
  /** 0–65535; 0 = rejected or switched off. */
  port: number;
  /** Number of port pairs, when the line names it (`49170/2`). */
  portCount?: number;
  /** As written: `RTP/AVP`, `RTP/SAVP`, `udptl`, … */
  protocol: string;
  formats: string[];
}

/** A whole session description (RFC 8866). */
export interface SessionDescription extends SdpSection {
  origin?: SdpOrigin;
  sessionName?: string;
  media: SdpMedia[];
}

/**
 * Whether there is an attribute of that name, given in lower case; names are compared without case, because some
 * devices need it.
 */
export function hasAttribute(section: SdpSection, name: string): boolean {
  for (const attribute of section.attributes) if (isNamed(attribute, name)) return true;
  return false;
}

/**
 * The trimmed values of every attribute of that name (lower case), in order; attributes without a value are left
 * out. A plain loop, because a negotiation asks some twenty times: with a `flatMap` it was a quarter of its time.
 */
export function attributeValues(section: SdpSection, name: string): readonly string[] {
  let values: string[] | undefined;
  for (const attribute of section.attributes) {
    if (attribute.value === undefined || !isNamed(attribute, name)) continue;
    (values ??= []).push(trimmed(attribute.value));
  }
  return values ?? NO_VALUES;
}

/** The first of them. */
export function attributeValue(section: SdpSection, name: string): string | undefined {
  for (const attribute of section.attributes) {
    if (attribute.value !== undefined && isNamed(attribute, name)) return trimmed(attribute.value);
  }
  return undefined;
}

function isNamed(attribute: SdpAttribute, name: string): boolean {
  return (
    attribute.name === name ||
    (attribute.name.length === name.length && attribute.name.toLowerCase() === name)
  );
}
