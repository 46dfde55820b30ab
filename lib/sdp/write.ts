import { isIPv6 } from 'node:net';
import type { SdpConnection, SdpMedia, SdpSection, SessionDescription } from './description';

/** Order of the lines between `s=` and `a=` (RFC 8866, 9); `r=` stays behind its `t=`, what is not listed comes last. */
const ORDER = ['i', 'u', 'e', 'p', 'c', 'b', 'tr', 'z', 'k'];

/**
 * The text of a description: CRLF after every line, lines in the order of RFC 8866, the mandatory ones
 * (`v= o= s= t=`) made up when absent. No value can smuggle in a further line.
 */
export function writeSdp(description: SessionDescription): string {
  const { origin } = description;
  const lines = [
    'v=0',
    origin
      ? `o=${origin.username} ${origin.sessionId} ${origin.sessionVersion} IN ${origin.addressType} ${origin.address}`
      : 'o=- 0 0 IN IP4 0.0.0.0',
    `s=${description.sessionName ?? '-'}`,
    ...sectionLines(description, !description.others.some((line) => line.type === 't')),
    ...description.media.flatMap(mediaLines),
  ];
  return lines.map((line) => `${line.replace(/[\r\n\0]+/g, ' ')}\r\n`).join('');
}

/** A `c=` line's content for an address of our own; what is not IPv6 is written as IP4. */
export function connectionOf(address: string): SdpConnection {
  return { addressType: isIPv6(address) ? 'IP6' : 'IP4', address };
}

function mediaLines(media: SdpMedia): string[] {
  const port = media.portCount === undefined ? `${media.port}` : `${media.port}/${media.portCount}`;
  return [
    `m=${[media.media, port, media.protocol, ...media.formats].join(' ')}`,
    ...sectionLines(media, false),
  ];
}

function sectionLines(section: SdpSection, addTime: boolean): string[] {
  const ranked = section.others.map((line) => ({
    rank: rankOf(line.type),
    text: `${line.type}=${line.value}`,
  }));
  for (const { addressType, address, suffix } of section.connections) {
    const tail = suffix === undefined ? '' : `/${suffix}`;
    ranked.push({ rank: rankOf('c'), text: `c=IN ${addressType} ${address}${tail}` });
  }
  if (addTime) ranked.push({ rank: rankOf('t'), text: 't=0 0' });
  ranked.sort((a, b) => a.rank - b.rank);
  const attributes = section.attributes.map(({ name, value }) =>
    value === undefined ? `a=${name}` : `a=${name}:${value}`,
  );
  return [...ranked.map((line) => line.text), ...attributes];
}

function rankOf(type: string): number {
  const rank = ORDER.findIndex((types) => types.includes(type));
  return rank < 0 ? ORDER.length : rank;
}
