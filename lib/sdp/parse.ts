import { decimal, trimmed, words } from '../common';
import type {
  SdpAttribute,
  SdpConnection,
  SdpLine,
  SdpMedia,
  SdpOrigin,
  SdpSection,
  SessionDescription,
} from './description';
import { SdpError } from './errors';

/** Limits of a description; far above what real peers send, far below what hurts. */
export const SDP_LIMITS = {
  characters: 65_536,
  lines: 2_000,
  media: 32,
  formatsPerMedia: 128,
} as const;

const TOKEN = /^[\w!#$%&'*+.^`{|}~/-]{1,64}$/;

/**
 * Reads a session description as peers really send it: any line ending, missing `v= o= s= t=` lines, lines
 * in any order, unknown lines (kept in `others`). An `o=` or `c=` line that makes no sense is taken as
 * absent: the code that needs it gives a better error than a parser can.
 *
 * @throws SdpError, and nothing else: no description at all, over a limit of `SDP_LIMITS`, a version that
 * is not 0, or an `m=` line that cannot be understood.
 */
export function parseSdp(text: string): SessionDescription {
  if (text.length > SDP_LIMITS.characters) {
    throw new SdpError('too-large', `the description has more than ${SDP_LIMITS.characters} characters`);
  }
  const session: SessionDescription = { connections: [], attributes: [], others: [], media: [] };
  let section: SdpSection = session;
  let understood = 0;
  let number = 0;
  for (let start = 0; start < text.length;) {
    const end = lineEnd(text, start);
    const usual = usualValue(text, start, end);
    const line = usual === undefined ? anyLine(text.slice(start, end)) : { type: text[start], value: usual };
    start = text.charCodeAt(end) === 13 && text.charCodeAt(end + 1) === 10 ? end + 2 : end + 1;
    number += 1;
    if (number > SDP_LIMITS.lines) {
      throw new SdpError('too-large', `the description has more than ${SDP_LIMITS.lines} lines`);
    }
    if (!line) continue;
    understood += 1;
    if (line.type === 'm') {
      if (session.media.length >= SDP_LIMITS.media) {
        throw new SdpError('too-large', `there are more than ${SDP_LIMITS.media} media lines`, number);
      }
      const media = parseMedia(line.value, number);
      // Mostly one; a list that grows by pushing has room for sixteen more.
      session.media = session.media.length === 0 ? [media] : session.media.concat([media]);
      section = media;
    } else {
      parseLine(session, section, line, number);
    }
  }
  if (understood === 0) throw new SdpError('empty', 'the body holds no session description');
  return session;
}

/** End of the line that begins at `start`: LF, CR or the end of the text. */
function lineEnd(text: string, start: number): number {
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code <= 13 && (code === 10 || code === 13)) break;
  }
  return end;
}

/** Value of a line as the standard wants it, `x=value` without any blank at its ends; undefined for anything else. */
function usualValue(text: string, start: number, end: number): string | undefined {
  const type = text.charCodeAt(start) | 32;
  if (end - start < 3 || type < 97 || type > 122 || text.charCodeAt(start + 1) !== 61) return undefined;
  const first = text.charCodeAt(start + 2);
  const last = text.charCodeAt(end - 1);
  // Everything that counts as a blank is a control, a space, or beyond ASCII.
  if (first <= 32 || first > 126 || last <= 32 || last > 126) return undefined;
  return text.slice(start + 2, end);
}

/** A line however it is written; undefined when it is none. */
function anyLine(line: string): SdpLine | undefined {
  const match = /^([A-Za-z])\s*=\s*(.*)$/s.exec(line.trim());
  return match ? { type: match[1], value: match[2] } : undefined;
}

function parseLine(session: SessionDescription, section: SdpSection, line: SdpLine, number: number): void {
  const { type, value } = line;
  switch (type) {
    case 'v':
      if (value !== '0') throw new SdpError('version', 'only version 0 of SDP exists', number);
      return;
    case 'o':
      session.origin ??= parseOrigin(value);
      return;
    case 's':
      session.sessionName ??= value;
      return;
    case 'c': {
      const connection = parseConnection(value);
      if (connection) section.connections.push(connection);
      return;
    }
    case 'a':
      section.attributes.push(parseAttribute(value));
      return;
    default:
      section.others.push(line);
  }
}

function parseAttribute(value: string): SdpAttribute {
  const colon = value.indexOf(':');
  if (colon < 0) return { name: trimmed(value) };
  return { name: trimmed(value.slice(0, colon)), value: value.slice(colon + 1) };
}

function parseOrigin(value: string): SdpOrigin | undefined {
  const fields = words(value);
  if (fields.length < 6) return undefined;
  const [username, sessionId, sessionVersion, , addressType, address] = fields;
  return { username, sessionId, sessionVersion, addressType: addressType.toUpperCase(), address };
}

function parseConnection(value: string): SdpConnection | undefined {
  const [netType, addressType, location] = words(value);
  if (!netType || !addressType || !location) return undefined;
  if (netType.toUpperCase() !== 'IN') {
    return { addressType: `${netType} ${addressType}`.toUpperCase(), address: location };
  }
  const slash = location.indexOf('/');
  const host = slash < 0 ? location : location.slice(0, slash);
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (address === '') return undefined;
  const connection: SdpConnection = { addressType: addressType.toUpperCase(), address };
  if (slash >= 0) connection.suffix = location.slice(slash + 1);
  return connection;
}

function parseMedia(value: string, line: number): SdpMedia {
  const fields = words(value);
  const [media, ports, protocol] = fields;
  const formats = fields.slice(3);
  if (!media || !ports || !protocol || !TOKEN.test(media) || !TOKEN.test(protocol)) {
    throw new SdpError('malformed', 'an m= line lacks its media type, port or protocol', line);
  }
  const slash = ports.indexOf('/');
  const port = decimal(slash < 0 ? ports : ports.slice(0, slash), 5);
  const portCount = slash < 0 ? undefined : decimal(ports.slice(slash + 1), 5);
  if (port === undefined || port > 65_535 || (slash >= 0 && portCount === undefined)) {
    throw new SdpError('malformed', 'an m= line has no valid port', line);
  }
  if (formats.length > SDP_LIMITS.formatsPerMedia) {
    throw new SdpError('too-large', `an m= line has more than ${SDP_LIMITS.formatsPerMedia} formats`, line);
  }
  const parsed: SdpMedia = {
    media: media.toLowerCase(),
    port,
    protocol,
    formats: formats.every(isToken) ? formats : formats.filter(isToken),
    connections: [],
    attributes: [],
    others: [],
  };
  if (portCount !== undefined) parsed.portCount = portCount;
  return parsed;
}

function isToken(text: string): boolean {
  return TOKEN.test(text);
}
