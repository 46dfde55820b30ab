import type { SdpAttribute, SdpConnection, SdpMedia, SdpSection, SessionDescription } from './description';

/**
 * Order of the lines between `s=` and `a=` (RFC 8866, 9); `r=` stays behind its `t=`, what is not listed comes last.
 */
const ORDER = ['i', 'u', 'e', 'p', 'c', 'b', 'tr', 'z', 'k'];
const ORDERED = ORDER.join('');

/** Texts of lists of attributes that many descriptions share. */
const sharedTexts = new WeakMap<readonly SdpAttribute[], string>();

/** Writes a list of attributes once for all descriptions that will have it; it must not change any more. */
export function shareText(attributes: readonly SdpAttribute[]): void {
  sharedTexts.set(attributes, attributesText(attributes));
}

/**
 * The text of a description: CRLF after every line, lines in the order of RFC 8866, the mandatory ones
 * (`v= o= s= t=`) made up when absent. No value can smuggle in a further line.
 */
export function writeSdp(description: SessionDescription): string {
  const { origin } = description;
  const owner = origin
    ? `${origin.username} ${origin.sessionId} ${origin.sessionVersion} IN ${origin.addressType} ${origin.address}`
    : '- 0 0 IN IP4 0.0.0.0';
  const addTime = !description.others.some((line) => line.type === 't');
  let text = `v=0\r\n${line('o', owner)}${line('s', description.sessionName ?? '-')}`;
  text += sectionText(description, addTime);
  for (const media of description.media) text += mediaText(media);
  return text;
}

/** A `c=` line's content for an IP address of our own. */
export function connectionOf(address: string): SdpConnection {
  return { addressType: address.includes(':') ? 'IP6' : 'IP4', address };
}

function mediaText(media: SdpMedia): string {
  const port = media.portCount === undefined ? `${media.port}` : `${media.port}/${media.portCount}`;
  const start = line('m', [media.media, port, media.protocol, ...media.formats].join(' '));
  return start + sectionText(media, false);
}

function sectionText(section: SdpSection, addTime: boolean): string {
  const { others } = section;
  let text = '';
  // Our own sections have a `t=` line at most.
  if (others.length === 0 || (others.length === 1 && others[0].type === 't')) {
    text += connectionText(section);
    if (others.length > 0) text += line('t', others[0].value);
    if (addTime) text += line('t', '0 0');
  } else {
    text += orderedText(section, addTime);
  }
  return text + (sharedTexts.get(section.attributes) ?? attributesText(section.attributes));
}

function attributesText(attributes: readonly SdpAttribute[]): string {
  let text = '';
  for (const { name, value } of attributes) {
    text += line('a', value === undefined ? name : `${name}:${value}`);
  }
  return text;
}

/** The lines between `s=` and `a=`. */
function orderedText(section: SdpSection, addTime: boolean): string {
  let text = '';
  for (const types of ORDER) {
    for (const { type, value } of section.others) if (types.includes(type)) text += line(type, value);
    if (types === 'c') text += connectionText(section);
    if (types === 'tr' && addTime) text += line('t', '0 0');
  }
  for (const { type, value } of section.others) if (!ORDERED.includes(type)) text += line(type, value);
  return text;
}

function connectionText({ connections }: SdpSection): string {
  let text = '';
  for (const { addressType, address, suffix } of connections) {
    text += line('c', `IN ${addressType} ${address}${suffix === undefined ? '' : `/${suffix}`}`);
  }
  return text;
}

function line(type: string, value: string): string {
  return `${type}=${isOneLine(value) ? value : value.replace(/[\r\n\0]+/g, ' ')}\r\n`;
}

function isOneLine(value: string): boolean {
  return !value.includes('\n') && !value.includes('\r') && !value.includes('\0');
}
