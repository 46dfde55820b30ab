import type {
  SdpAttribute,
  SdpConnection,
  SdpMedia,
  SdpOrigin,
  SdpSection,
  SessionDescription,
} from './description';
import { SdpError } from './errors';

/** What a description may have at most; far above what real peers send, far below what hurts. */
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
 * absent, because whoever needs it then says so better than a parser can.
 *
 * @throws SdpError, and nothing else: no description at all, over a limit of `SDP_LIMITS`, a version that
 * is not 0, or an `m=` line that cannot be understood.
 */
export function parseSdp(text: string): SessionDescription {
  if (text.length > SDP_LIMITS.characters) {
    throw new SdpError('too-large', `the description has more than ${SDP_LIMITS.characters} characters`);
  }
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.length > SDP_LIMITS.lines) {
    throw new SdpError('too-large', `the description has more than ${SDP_LIMITS.lines} lines`);
  }

  const session: SessionDescription = { connections: [], attributes: [], others: [], media: [] };
  let section: SdpSection = session;
  let understood = 0;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const match = /^([A-Za-z])\s*=\s*(.*)$/s.exec(line);
    if (!match) continue;
    understood += 1;
    const [, type, value] = match as unknown as [string, string, string];
    if (type === 'm') {
      if (session.media.length >= SDP_LIMITS.media) {
        throw new SdpError('too-large', `there are more than ${SDP_LIMITS.media} media lines`, index + 1);
      }
      const media = parseMedia(value, index + 1);
      session.media.push(media);
      section = media;
    } else {
      parseLine(session, section, type, value, index + 1);
    }
  }
  if (understood === 0) throw new SdpError('empty', 'the body holds no session description');
  return session;
}

function parseLine(
  session: SessionDescription,
  section: SdpSection,
  type: string,
  value: string,
  line: number,
): void {
  switch (type) {
    case 'v':
      if (value !== '0') throw new SdpError('version', 'only version 0 of SDP exists', line);
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
      section.others.push({ type, value });
  }
}

function parseAttribute(value: string): SdpAttribute {
  const colon = value.indexOf(':');
  if (colon < 0) return { name: value.trim() };
  return { name: value.slice(0, colon).trim(), value: value.slice(colon + 1) };
}

function parseOrigin(value: string): SdpOrigin | undefined {
  const fields = value.split(/\s+/);
  if (fields.length < 6) return undefined;
  const [username, sessionId, sessionVersion, , addressType, address] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return { username, sessionId, sessionVersion, addressType: addressType.toUpperCase(), address };
}

function parseConnection(value: string): SdpConnection | undefined {
  const [netType, addressType, location] = value.split(/\s+/);
  if (netType?.toUpperCase() !== 'IN' || !addressType || !location) return undefined;
  const slash = location.indexOf('/');
  const address = (slash < 0 ? location : location.slice(0, slash)).replace(/^\[(.*)\]$/, '$1');
  if (address === '') return undefined;
  const connection: SdpConnection = { addressType: addressType.toUpperCase(), address };
  return slash < 0 ? connection : { ...connection, suffix: location.slice(slash + 1) };
}

function parseMedia(value: string, line: number): SdpMedia {
  const [media, ports, protocol, ...formats] = value.trim().split(/\s+/);
  if (!media || !ports || !protocol || !TOKEN.test(media) || !TOKEN.test(protocol)) {
    throw new SdpError('malformed', 'an m= line lacks its media type, port or protocol', line);
  }
  const match = /^(\d{1,5})(?:\/(\d{1,5}))?$/.exec(ports);
  const port = Number(match?.[1]);
  if (!match || port > 65_535) throw new SdpError('malformed', 'an m= line has no valid port', line);
  if (formats.length > SDP_LIMITS.formatsPerMedia) {
    throw new SdpError('too-large', `an m= line has more than ${SDP_LIMITS.formatsPerMedia} formats`, line);
  }
  return {
    media: media.toLowerCase(),
    port,
    ...(match[2] === undefined ? {} : { portCount: Number(match[2]) }),
    protocol,
    formats: formats.filter((format) => TOKEN.test(format)),
    connections: [],
    attributes: [],
    others: [],
  };
}
