import { trimmed } from '../../common';

/** Parameters by lower-case name; a flag (`;lr`) has the value null. */
export type Parameters = Map<string, string | null>;

/** `name-addr` or `addr-spec` with header parameters (RFC 3261, 20.10). */
export interface NameAddress {
  /** Without quotes and escapes. */
  displayName?: string;
  /** Verbatim, whatever its scheme. */
  uri: string;
  /** Parameters of the header field, as text from its first `;` on: `parseParameters` reads them. */
  parameters: string;
}

/**
 * Splits a field value at its top-level commas: those outside of quoted strings and angle brackets.
 * A value without a comma costs one scan.
 */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return value === '' ? [] : [value];
  return splitTopLevel(value, ',').filter((item) => item !== '');
}

const EMPTY_ITEM = /^[;,]|[;,]\s*(?:[;,]|$)/;

/** Whether a list has an item, or an item a parameter, with nothing in it: `a;;b`, `a, ,b`, `a;`. */
export function hasEmptyItem(value: string): boolean {
  // Nearly always the scan says no; what it finds may stand in quotes or brackets.
  if (!EMPTY_ITEM.test(value)) return false;
  return splitTopLevel(value, ',').some((item) => splitTopLevel(item, ';').includes(''));
}

/** Reads `;name=value;flag` behind `from`. Never throws; a nameless parameter is skipped. */
export function parseParameters(text: string, from = 0): Parameters {
  const start = text.indexOf(';', from);
  return start < 0 ? new Map<string, string | null>() : parseParameterList(text.slice(start + 1), ';');
}

/**
 * Reads `name=value` pairs and flags between separators. Quoted values lose their quotes; the first of a name counts.
 */
export function parseParameterList(text: string, separator: ';' | ','): Parameters {
  const parameters: Parameters = new Map();
  for (const part of text.includes('"') ? splitTopLevel(text, separator) : text.split(separator)) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name === '' || parameters.has(name)) continue;
    parameters.set(name, equals < 0 ? null : unquote(part.slice(equals + 1).trim()));
  }
  return parameters;
}

/**
 * Reads a `name-addr` or an `addr-spec`. In the short form everything behind the first `;` belongs to the
 * header field (RFC 3261, 20). Undefined when quotes or brackets do not close, or nothing is left as URI.
 */
export function parseNameAddress(value: string): NameAddress | undefined {
  let open = value.indexOf('<');
  let displayName: string | undefined;
  if (value.startsWith('"')) {
    const close = endOfQuotedString(value, 0);
    if (close < 0) return undefined;
    displayName = unquote(value.slice(0, close + 1));
    open = value.indexOf('<', close);
    if (open < 0 || value.slice(close + 1, open).trim() !== '') return undefined;
  } else if (open >= 0) {
    displayName = open === 0 ? undefined : value.slice(0, open).trim() || undefined;
    if (displayName?.includes('"')) return undefined;
  }
  if (open < 0) {
    const semicolon = value.indexOf(';');
    const uri = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
    if (uri === '' || /[\s"<>]/.test(uri)) return undefined;
    return { uri, parameters: semicolon < 0 ? '' : value.slice(semicolon) };
  }
  const close = value.indexOf('>', open);
  if (close < 0) return undefined;
  const uri = value.slice(open + 1, close).trim();
  if (uri === '') return undefined;
  return { displayName, uri, parameters: value.slice(close + 1) };
}

/** The `tag` parameter of a From or To value, without reading the rest of it. */
export function tagOf(value: string): string | undefined {
  const parameters = value.lastIndexOf('>') + 1;
  // A tag at the very end, as most write it, needs no search.
  if (value.startsWith(';tag=', parameters)) {
    const tag = value.slice(parameters + ';tag='.length);
    if (tag !== '' && !/[\s;,"]/.test(tag)) return tag;
  }
  return /;\s*tag\s*=\s*([^\s;,>"]+)/i.exec(value.slice(parameters))?.[1];
}

/** Escapes and quotes a display name or another text for a `quoted-string`; control characters go. */
export function quote(text: string): string {
  return `"${withoutControls(text).replace(/["\\]/g, '\\$&')}"`;
}

/** Takes the quotes and the escapes from a `quoted-string`; anything else passes unchanged. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\(.)/g, '$1') : inner;
}

// eslint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Replaces control characters (CR and LF among them) so that a text can never start a new header field. */
export function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return trimmed(CONTROL.test(text) ? text.replace(/[\u0000-\u001f\u007f]+/g, ' ') : text);
}

function splitTopLevel(value: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let inBrackets = false;
  for (let index = 0; index < value.length; index++) {
    const character = value[index];
    if (character === '"' && !inBrackets) {
      const close = endOfQuotedString(value, index);
      if (close < 0) break;
      index = close;
    } else if (character === '<') inBrackets = true;
    else if (character === '>') inBrackets = false;
    else if (character === separator && !inBrackets) {
      parts.push(value.slice(start, index).trim());
      start = index + 1;
    }
  }
  parts.push(value.slice(start).trim());
  return parts;
}

/** Index of the quote that closes the one at `open`, or -1. */
function endOfQuotedString(text: string, open: number): number {
  for (let index = open + 1; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === '"') return index;
  }
  return -1;
}
