import { isAscii, isUtf8 } from 'node:buffer';
import { decimal, trimmed } from '../../common';
import { HeaderFields } from './header-fields';
import { parseNameAddress } from './header-values';
import { canonicalHeaderName, knownHeaderNameAt } from './header-names';
import { MESSAGE_LIMITS } from './limits';
import { readBody } from './read-body';
import { SipRequest, SipResponse, type EssentialFields, type HeaderEncoding } from './sip-message';
import { endsWithField, syntaxFault } from './syntax-fault';
import { TOKEN } from './tokens';
import { firstVia, parseVia } from './via';

/**
 * Result of parsing received bytes. `refused` is a request that is malformed but says where its answer goes;
 * `dropped` cannot or must not be answered (RFC 3261, 18.3).
 */
export type ParseResult =
  | { kind: 'message'; message: SipRequest | SipResponse }
  | { kind: 'refused'; request: SipRequest; status: 400 | 505 | 513; reason: string }
  | { kind: 'dropped'; reason: string }
  | { kind: 'keep-alive' };

interface StartLine {
  /** Undefined for a response. */
  request?: { method: string; uri: string };
  response?: { status: number; reason: string };
  fault?: Fault;
}

interface Fault {
  status: 400 | 505 | 513;
  reason: string;
}

const COLON = ':'.charCodeAt(0);
const VERSION_AT_END = ' SIP/2.0';
const STATUS_LINE = /^SIP\/2\.0[ \t]+(\d{3})(?:[ \t]+(.*))?$/i;
const CSEQ = /^\d+\s+\S+$/;
/** Fields that may stand once only, and whose repetition makes a message ambiguous (RFC 4475, 3.3.8). */
const SINGLE = ['From', 'To', 'Call-ID', 'CSeq'];
/** The same for a request, which has some more. */
const SINGLE_IN_REQUESTS = [...SINGLE, 'Content-Length', 'Max-Forwards'];

/**
 * Reads one message that fills `bytes`: a datagram, or what the stream framing cut out. Tolerates leading and
 * bare line feeds, folded lines, compact forms, white space around the colon, joined Vias and any URI, and steps over
 * fields whose name is no token; in a response, which cannot be refused, over everything that says nothing about the
 * transaction it belongs to. Never throws, whatever the bytes are.
 */
export function parseMessage(bytes: Buffer): ParseResult {
  let start = 0;
  while (start < bytes.length && (bytes[start] === 13 || bytes[start] === 10)) start++;
  if (start === bytes.length) return { kind: 'keep-alive' };
  if (bytes.length - start > MESSAGE_LIMITS.bytes) return { kind: 'dropped', reason: 'message too large' };

  // One character for each byte, so that places in it are places in the bytes.
  const raw = bytes.toString('latin1');
  const plain = isAscii(bytes);
  const section = findHeaderSection(raw, start);
  const encoding: HeaderEncoding = plain || isUtf8(bytes.subarray(start, section.end)) ? 'utf8' : 'latin1';
  const text = plain ? raw.slice(start, section.end) : bytes.toString(encoding, start, section.end);

  const endOfStartLine = lineEnd(text, 0);
  if (endOfStartLine > MESSAGE_LIMITS.startLine) return { kind: 'dropped', reason: 'start line too long' };
  const startLine = parseStartLine(text.slice(0, withoutReturn(text, 0, endOfStartLine)));
  if (!startLine) return { kind: 'dropped', reason: 'not a SIP message' };

  const headers = new HeaderFields();
  const headerFault = readHeaders(text, endOfStartLine + 1, headers);
  let fault = startLine.fault ?? (startLine.request || headerFault?.status === 513 ? headerFault : undefined);

  const method = startLine.request?.method;
  const essential = readEssentialFields(headers, method, (startLine.response?.status ?? 0) >= 300);
  if ('fault' in essential) {
    const reason = essential.fault;
    if (!startLine.request || !essential.fields) return { kind: 'dropped', reason };
    fault ??= { status: 400, reason };
  }
  if (!section.complete && !endsWithField(text, headers)) {
    fault ??= { status: 400, reason: 'Header Section Without End' };
  }
  const read = (from: number, to: number): string =>
    plain ? raw.slice(from, to) : bytes.toString('utf8', from, to);
  const body = readBody({ start: section.bodyStart, limit: bytes.length }, headers, method, read);
  if ('fault' in body) fault ??= body.fault;
  const content = 'fault' in body ? undefined : body.body;
  const fields = 'fault' in essential ? (essential.fields as EssentialFields) : essential;

  if (startLine.response) {
    if (fault) return { kind: 'dropped', reason: fault.reason };
    const { status, reason } = startLine.response;
    return { kind: 'message', message: new SipResponse(status, reason, headers, fields, content, encoding) };
  }
  const { method: name, uri } = startLine.request as { method: string; uri: string };
  const request = new SipRequest(name, uri, headers, fields, content, encoding);
  request.size = bytes.length;
  if (!fault) {
    const reason = syntaxFault(name, uri, headers);
    if (reason !== undefined) fault = { status: 400, reason };
  }
  if (!fault) return { kind: 'message', message: request };
  if (name === 'ACK') return { kind: 'dropped', reason: fault.reason };
  return { kind: 'refused', request, ...fault };
}

interface HeaderSection {
  end: number;
  bodyStart: number;
  /** Whether the empty line that ends it was there. */
  complete: boolean;
}

function findHeaderSection(raw: string, start: number): HeaderSection {
  const crlf = raw.indexOf('\r\n\r\n', start);
  const lf = raw.indexOf('\n\n', start);
  // Bare line feeds count only when they come before the regular end.
  if (lf >= 0 && (crlf < 0 || lf < crlf)) return { end: lf, bodyStart: lf + 2, complete: true };
  if (crlf < 0) return { end: raw.length, bodyStart: raw.length, complete: false };
  return { end: crlf, bodyStart: crlf + 4, complete: true };
}

/** Index of the line feed that ends a line, or of the end of the text. */
function lineEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  return feed < 0 ? text.length : feed;
}

/** The end of a line's content: before the carriage return, when there is one. */
function withoutReturn(text: string, from: number, end: number): number {
  return end > from && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}

function parseStartLine(line: string): StartLine | undefined {
  return usualStatusLine(line) ?? usualRequestLine(line) ?? anyStartLine(line);
}

/** `SIP/2.0 nnn reason` with single spaces; undefined for anything else. */
function usualStatusLine(line: string): StartLine | undefined {
  if (!line.startsWith('SIP/2.0 ') || line.charCodeAt(11) !== 32) return undefined;
  const status = decimal(line.slice(8, 11), 3);
  if (status === undefined || status < 100 || status > 699) return undefined;
  return { response: { status, reason: trimmed(line.slice(12)) } };
}

/** `METHOD uri SIP/2.0` with single spaces; undefined for anything else. */
function usualRequestLine(line: string): StartLine | undefined {
  if (!line.endsWith(VERSION_AT_END)) return undefined;
  const methodEnd = line.indexOf(' ');
  const method = line.slice(0, methodEnd);
  const uri = line.slice(methodEnd + 1, -VERSION_AT_END.length);
  if (uri === '' || /[\s<>"]/.test(uri) || !TOKEN.test(method)) return undefined;
  return { request: { method, uri } };
}

function anyStartLine(line: string): StartLine | undefined {
  const status = STATUS_LINE.exec(line);
  if (status) {
    const code = Number(status[1]);
    if (code < 100 || code > 699) return undefined;
    return { response: { status: code, reason: (status[2] ?? '').trim() } };
  }
  const trimmed = line.trimEnd();
  const methodEnd = trimmed.indexOf(' ');
  const versionStart = trimmed.lastIndexOf(' ') + 1;
  const version = /^SIP\/(\d+\.\d+)$/i.exec(trimmed.slice(versionStart))?.[1];
  const method = trimmed.slice(0, methodEnd);
  const uri = trimmed.slice(methodEnd, versionStart).trim();
  if (version === undefined || uri === '' || !TOKEN.test(method)) return undefined;
  const parsed: StartLine = { request: { method, uri } };
  if (version !== '2.0') parsed.fault = { status: 505, reason: 'Version Not Supported' };
  else if (/[\s<>"]/.test(uri)) parsed.fault = { status: 400, reason: 'Malformed Request-URI' };
  return parsed;
}

function readHeaders(text: string, from: number, headers: HeaderFields): Fault | undefined {
  let fault: Fault | undefined;
  let position = from;
  while (position < text.length) {
    const start = position;
    const feed = lineEnd(text, start);
    const end = withoutReturn(text, start, feed);
    position = feed + 1;
    if (headers.length >= MESSAGE_LIMITS.headers) return { status: 513, reason: 'Message Too Large' };
    let sound: boolean;
    if (isBlank(text.charCodeAt(position))) {
      const folded = unfold(text, start);
      position = folded.next;
      sound = addField(headers, folded.field, 0, folded.field.length);
    } else {
      sound = addField(headers, text, start, end);
    }
    if (!sound) fault ??= { status: 400, reason: 'Malformed Header Field' };
  }
  return fault;
}

/** A field with the lines behind it that begin with white space, because they continue it (RFC 3261, 7.3.1). */
function unfold(text: string, start: number): { field: string; next: number } {
  let feed = lineEnd(text, start);
  let field = text.slice(start, withoutReturn(text, start, feed));
  while (isBlank(text.charCodeAt(feed + 1))) {
    const from = feed + 1;
    feed = lineEnd(text, from);
    field += ` ${text.slice(from, feed).trim()}`;
  }
  return { field, next: feed + 1 };
}

/**
 * Adds the field that stands between two places of a text; one whose name is no token is ignored (RFC 3261, 8.2.2).
 * False when there is none.
 */
function addField(headers: HeaderFields, text: string, start: number, end: number): boolean {
  let colon = start;
  while (colon < end && text.charCodeAt(colon) !== COLON) colon++;
  if (colon === end) return false;
  const name = knownHeaderNameAt(text, start, colon) ?? unusualName(text.slice(start, colon).trimEnd());
  if (name === undefined) return true;
  // Nearly always a single blank stands here.
  const from = text.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1;
  headers.add(name, trimmed(text.slice(from, Math.max(from, end))));
  return true;
}

function unusualName(sent: string): string | undefined {
  return TOKEN.test(sent) ? canonicalHeaderName(sent) : undefined;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/**
 * The essential fields, or what is wrong with them; `fields` too when an answer can still be built.
 *
 * @param isRefusal a final response that is no 2xx is recognised by its branch (RFC 3261, 17.1.3), whatever else it
 *   lacks
 */
function readEssentialFields(
  headers: HeaderFields,
  method: string | undefined,
  isRefusal: boolean,
): EssentialFields | { fault: string; fields?: EssentialFields } {
  const via = parseVia(firstVia(headers.first('Via') ?? ''));
  if (!via) return { fault: 'Missing Or Malformed Via' };
  const callId = headers.first('Call-ID') ?? '';
  const cseq = parseCseq(headers.first('CSeq') ?? '');
  const fields = { via, callId, cseq: cseq ?? { number: 0, method: '' } };
  if (isRefusal && cseq && cseq.number <= MESSAGE_LIMITS.cseq) return fields;
  if (callId === '' || /\s/.test(callId)) return { fault: 'Missing Or Malformed Call-ID', fields };
  if (!cseq || fields.cseq.number > MESSAGE_LIMITS.cseq)
    return { fault: 'Missing Or Malformed CSeq', fields };
  if (method !== undefined && method !== fields.cseq.method) return { fault: 'CSeq Method Mismatch', fields };
  if (!isNameAddress(headers.first('From'))) return { fault: 'Missing Or Malformed From', fields };
  if (!isNameAddress(headers.first('To'))) return { fault: 'Missing Or Malformed To', fields };
  for (const name of method === undefined ? SINGLE : SINGLE_IN_REQUESTS) {
    if (headers.count(name) > 1) return { fault: `Repeated ${name}`, fields };
  }
  return fields;
}

function isNameAddress(value: string | undefined): boolean {
  if (value === undefined) return false;
  // `<uri>` in front needs no further look.
  return (
    (value.startsWith('<') && value.charCodeAt(1) > 32 && value.indexOf('>') > 1) ||
    parseNameAddress(value) !== undefined
  );
}

/** A number and a method; undefined when it is anything else. */
function parseCseq(value: string): EssentialFields['cseq'] | undefined {
  const blank = value.indexOf(' ');
  const number = blank < 0 ? undefined : decimal(value.slice(0, blank), 10);
  const method = value.slice(blank + 1);
  if (number !== undefined && TOKEN.test(method)) return { number, method };
  if (!CSEQ.test(value)) return undefined;
  const digits = value.search(/\s/);
  return { number: Number(value.slice(0, digits)), method: value.slice(digits).trimStart() };
}
