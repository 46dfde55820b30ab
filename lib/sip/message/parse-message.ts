import { isUtf8 } from 'node:buffer';
import type { MessageBody } from '../types';
import { HeaderFields } from './header-fields';
import { parseNameAddress } from './header-values';
import { canonicalHeaderName, knownHeaderName } from './header-names';
import { MESSAGE_LIMITS } from './limits';
import { SipRequest, SipResponse, type EssentialFields, type HeaderEncoding } from './sip-message';
import { firstVia, parseVia } from './via';

/**
 * What became of received bytes. `refused` is a request that is malformed but says where its answer goes;
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

const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z|~]+$/;
const VERSION_AT_END = ' SIP/2.0';
const STATUS_LINE = /^SIP\/2\.0[ \t]+(\d{3})(?:[ \t]+(.*))?$/i;
const CSEQ = /^\d+\s+\S+$/;
/** Fields that may stand once only, and whose repetition makes a request ambiguous (RFC 4475, 3.3.8). */
const SINGLE = ['From', 'To', 'Call-ID', 'CSeq', 'Content-Length', 'Max-Forwards'];

/**
 * Reads one message that fills `bytes`: a datagram, or what the stream framing cut out. Tolerates leading and
 * bare line feeds, folded lines, compact forms, white space around the colon, joined Vias and any URI.
 * Never throws, whatever the bytes are.
 */
export function parseMessage(bytes: Buffer): ParseResult {
  let start = 0;
  while (start < bytes.length && (bytes[start] === 13 || bytes[start] === 10)) start++;
  if (start === bytes.length) return { kind: 'keep-alive' };
  if (bytes.length - start > MESSAGE_LIMITS.bytes) return { kind: 'dropped', reason: 'message too large' };

  const section = findHeaderSection(bytes, start);
  const raw = bytes.subarray(start, section.end);
  const encoding: HeaderEncoding = isUtf8(raw) ? 'utf8' : 'latin1';
  const text = raw.toString(encoding);

  const endOfStartLine = lineEnd(text, 0);
  if (endOfStartLine.end > MESSAGE_LIMITS.startLine)
    return { kind: 'dropped', reason: 'start line too long' };
  const startLine = parseStartLine(text.slice(0, endOfStartLine.end));
  if (!startLine) return { kind: 'dropped', reason: 'not a SIP message' };

  const headers = new HeaderFields();
  const headerFault = readHeaders(text, endOfStartLine.next, headers);
  let fault = startLine.fault ?? headerFault;

  const method = startLine.request?.method;
  const essential = readEssentialFields(headers, method);
  if ('fault' in essential) {
    const reason = essential.fault;
    if (!startLine.request || !essential.fields) return { kind: 'dropped', reason };
    fault ??= { status: 400, reason };
  }
  if (!section.complete) fault ??= { status: 400, reason: 'Header Section Without End' };
  const body = readBody(bytes, section.bodyStart, headers);
  if ('fault' in body) fault ??= { status: 400, reason: body.fault };
  const content = 'fault' in body ? undefined : body.body;
  const fields = 'fault' in essential ? (essential.fields as EssentialFields) : essential;

  if (startLine.response) {
    if (fault) return { kind: 'dropped', reason: fault.reason };
    const { status, reason } = startLine.response;
    return { kind: 'message', message: new SipResponse(status, reason, headers, fields, content, encoding) };
  }
  const { method: name, uri } = startLine.request as { method: string; uri: string };
  const request = new SipRequest(name, uri, headers, fields, content, encoding);
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

function findHeaderSection(bytes: Buffer, start: number): HeaderSection {
  const crlf = bytes.indexOf('\r\n\r\n', start, 'latin1');
  const limit = crlf < 0 ? bytes.length : crlf;
  // Bare line feeds count only when they come before the regular end.
  const lf = bytes.subarray(start, limit).indexOf('\n\n', 0, 'latin1');
  if (lf >= 0) return { end: start + lf, bodyStart: start + lf + 2, complete: true };
  if (crlf < 0) return { end: bytes.length, bodyStart: bytes.length, complete: false };
  return { end: crlf, bodyStart: crlf + 4, complete: true };
}

function lineEnd(text: string, from: number): { end: number; next: number } {
  const feed = text.indexOf('\n', from);
  if (feed < 0) return { end: text.endsWith('\r') ? text.length - 1 : text.length, next: text.length };
  return { end: text.charCodeAt(feed - 1) === 13 ? feed - 1 : feed, next: feed + 1 };
}

function parseStartLine(line: string): StartLine | undefined {
  return usualRequestLine(line) ?? anyStartLine(line);
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
    let line = lineEnd(text, position);
    let field = text.slice(position, line.end);
    position = line.next;
    // A line that begins with white space continues the one before (RFC 3261, 7.3.1).
    while (position < text.length && isBlank(text.charCodeAt(position))) {
      line = lineEnd(text, position);
      field += ` ${text.slice(position, line.end).trim()}`;
      position = line.next;
    }
    const colon = field.indexOf(':');
    const sent = colon < 0 ? '' : field.slice(0, colon).trimEnd();
    const name = knownHeaderName(sent) ?? (TOKEN.test(sent) ? canonicalHeaderName(sent) : undefined);
    if (name === undefined) {
      fault ??= { status: 400, reason: 'Malformed Header Field' };
      continue;
    }
    if (headers.length >= MESSAGE_LIMITS.headers) return { status: 513, reason: 'Message Too Large' };
    headers.add(name, field.slice(colon + 1).trim());
  }
  return fault;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** The essential fields, or what is wrong with them; `fields` too when an answer can still be built. */
function readEssentialFields(
  headers: HeaderFields,
  method: string | undefined,
): EssentialFields | { fault: string; fields?: EssentialFields } {
  const via = parseVia(firstVia(headers.first('Via') ?? ''));
  if (!via) return { fault: 'Missing Or Malformed Via' };
  const callId = headers.first('Call-ID') ?? '';
  const cseq = parseCseq(headers.first('CSeq') ?? '');
  const fields = { via, callId, cseq: cseq ?? { number: 0, method: '' } };
  if (callId === '' || /\s/.test(callId)) return { fault: 'Missing Or Malformed Call-ID', fields };
  if (!cseq || fields.cseq.number > MESSAGE_LIMITS.cseq)
    return { fault: 'Missing Or Malformed CSeq', fields };
  if (method !== undefined && method !== fields.cseq.method) return { fault: 'CSeq Method Mismatch', fields };
  if (!isNameAddress(headers.first('From'))) return { fault: 'Missing Or Malformed From', fields };
  if (!isNameAddress(headers.first('To'))) return { fault: 'Missing Or Malformed To', fields };
  for (const name of SINGLE) if (headers.count(name) > 1) return { fault: `Repeated ${name}`, fields };
  return fields;
}

function isNameAddress(value: string | undefined): boolean {
  return value !== undefined && parseNameAddress(value) !== undefined;
}

/** A number and a method; undefined when it is anything else. */
function parseCseq(value: string): EssentialFields['cseq'] | undefined {
  if (!CSEQ.test(value)) return undefined;
  const digits = value.search(/\s/);
  return { number: Number(value.slice(0, digits)), method: value.slice(digits).trimStart() };
}

function readBody(
  bytes: Buffer,
  start: number,
  headers: HeaderFields,
): { body?: MessageBody } | { fault: string } {
  const declared = headers.first('Content-Length');
  let end = bytes.length;
  if (declared !== undefined) {
    if (!/^\d{1,9}$/.test(declared)) return { fault: 'Malformed Content-Length' };
    end = start + Number(declared);
    if (end > bytes.length) return { fault: 'Body Shorter Than Content-Length' };
  }
  if (end <= start) return {};
  const contentType = headers.first('Content-Type');
  if (contentType === undefined || contentType === '') return {};
  return { body: { contentType, content: bytes.toString('utf8', start, end) } };
}
