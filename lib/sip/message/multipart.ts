import { canonicalHeaderName } from './header-names';
import { parseParameters } from './header-values';

/** One part of a multipart body (RFC 2046, 5.1), or a whole body. */
export interface BodyPart {
  /** Lower case, without parameters: `application/sdp`. */
  readonly mediaType: string;
  /** Value of Content-Type, verbatim. */
  readonly contentType: string;
  /** Lower case, without parameters; undefined when there is none. */
  readonly disposition: string | undefined;
  /** Parameter `handling` of the disposition, lower case (RFC 3261, 20.11); undefined when it is not said. */
  readonly handling: string | undefined;
  /** Whether its content is as it stands there: neither compressed nor encoded for mail. */
  readonly plain: boolean;
  /** Without its angle brackets. */
  readonly contentId: string | undefined;
  readonly content: string;
}

/** Levels of nesting: a signed body within a related one within a mixed one has three. */
const MAX_DEPTH = 4;
/** Parts at one level. */
const MAX_PARTS = 16;
/** RFC 2046, 5.1.1, says 70. */
const MAX_BOUNDARY = 200;

/** `type/subtype` in lower case, without parameters. */
export function mediaTypeOf(value: string): string {
  return value.split(';', 1)[0].replace(/\s/g, '').toLowerCase();
}

/**
 * Takes a multipart body apart, nested ones too, and returns the parts that are no multipart themselves, the
 * preferred first: of `alternative` only the last that has something we understand (RFC 2046, 5.1.4), of `related` the
 * root (RFC 2387, 3.2), of any other kind the first. Preamble and epilogue are left, lines may end with CRLF or LF, and
 * the last boundary may be missing.
 *
 * @param understands which parts are meant for us
 * @returns undefined when it is malformed: no boundary, no part, too many of them, or nested too deep
 */
export function readMultipart(
  { contentType, content }: Pick<BodyPart, 'contentType' | 'content'>,
  understands: (part: BodyPart) => boolean,
  depth = 1,
): BodyPart[] | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const parameters = parseParameters(contentType);
  const boundary = parameters.get('boundary');
  if (!boundary || boundary.length > MAX_BOUNDARY) return undefined;
  const texts = splitParts(content, boundary);
  if (texts.length === 0 || texts.length > MAX_PARTS) return undefined;
  const parts: BodyPart[][] = [];
  for (const text of texts) {
    const part = readPart(text);
    const leaves = part.mediaType.startsWith('multipart/')
      ? readMultipart(part, understands, depth + 1)
      : [part];
    if (!leaves) return undefined;
    parts.push(leaves);
  }
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === 'multipart/alternative') {
    return parts.findLast((leaves) => leaves.some(understands)) ?? parts[parts.length - 1];
  }
  const start = parameters.get('start');
  if (mediaType !== 'multipart/related' || !start) return parts.flat();
  const isRoot = ([part]: BodyPart[]): boolean => part.contentId === withoutBrackets(start);
  return [...parts.filter(isRoot), ...parts.filter((leaves) => !isRoot(leaves))].flat();
}

/** The texts between the lines that are boundaries. */
function splitParts(content: string, boundary: string): string[] {
  const delimiter = `--${boundary}`;
  const parts: string[] = [];
  let start = -1;
  for (let at = content.indexOf(delimiter); at >= 0; at = content.indexOf(delimiter, at + 1)) {
    const line = boundaryLine(content, at, at + delimiter.length);
    if (!line) continue;
    if (start >= 0) parts.push(content.slice(start, Math.max(start, beforeLineEnd(content, at))));
    start = line.last ? -1 : line.end;
    if (line.last || parts.length > MAX_PARTS) break;
  }
  // The last boundary is missing.
  if (start >= 0 && start < content.length) parts.push(content.slice(start));
  return parts;
}

/** Whether a delimiter stands alone on its line, and where the next line begins. */
function boundaryLine(
  content: string,
  at: number,
  behind: number,
): { last: boolean; end: number } | undefined {
  if (at > 0 && content[at - 1] !== '\n') return undefined;
  const feed = content.indexOf('\n', behind);
  const end = feed < 0 ? content.length : feed + 1;
  const rest = content.slice(behind, end).trim();
  if (rest !== '' && rest !== '--') return undefined;
  return { last: rest === '--', end };
}

/** The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1). */
function beforeLineEnd(content: string, at: number): number {
  if (at === 0) return 0;
  return content[at - 2] === '\r' ? at - 2 : at - 1;
}

function readPart(text: string): BodyPart {
  const { headers, content } = splitHeaders(text);
  // RFC 2046, 5.1: text/plain when nothing is said.
  const contentType = headers.get('Content-Type') || 'text/plain';
  const disposition = headers.get('Content-Disposition');
  const encoding = (headers.get('Content-Transfer-Encoding') ?? '8bit').toLowerCase();
  const contentId = headers.get('Content-ID');
  return {
    mediaType: mediaTypeOf(contentType),
    contentType,
    ...readDisposition(disposition),
    plain: /^(?:7bit|8bit|binary)$/.test(encoding) && isIdentity(headers.get('Content-Encoding')),
    contentId: contentId === undefined ? undefined : withoutBrackets(contentId),
    content,
  };
}

/** Disposition and `handling` of a Content-Disposition. */
export function readDisposition(value: string | undefined): Pick<BodyPart, 'disposition' | 'handling'> {
  if (value === undefined) return { disposition: undefined, handling: undefined };
  return {
    disposition: mediaTypeOf(value),
    handling: parseParameters(value).get('handling')?.toLowerCase(),
  };
}

/** Whether a Content-Encoding leaves a body as it is. */
export function isIdentity(encoding: string | undefined): boolean {
  return encoding === undefined || encoding.toLowerCase() === 'identity';
}

/** The fields of a part, folded ones joined, and what follows its empty line. */
function splitHeaders(text: string): { headers: Map<string, string>; content: string } {
  const headers = new Map<string, string>();
  let position = 0;
  let name = '';
  while (position < text.length) {
    const feed = text.indexOf('\n', position);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(position, end).replace(/\r$/, '');
    position = end + 1;
    if (line === '') break;
    const known = headers.get(name);
    if (/^[ \t]/.test(line) && known !== undefined) {
      headers.set(name, `${known} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    name = canonicalHeaderName(line.slice(0, Math.max(0, colon)).trim());
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, content: text.slice(position) };
}

function withoutBrackets(contentId: string): string {
  return contentId.trim().replace(/^<|>$/g, '');
}
