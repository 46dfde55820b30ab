import { isIP } from 'node:net';
import { decimal } from '../../common';
import { parseParameters, splitList, type Parameters } from './header-values';
import { viaToken } from '../transport/kinds';

/** One Via value (RFC 3261, 20.42). */
export interface Via {
  /** Upper case: `UDP`, `TCP`, … */
  transport: string;
  /** Host of sent-by, IPv6 without brackets. */
  host: string;
  /** Port of sent-by; undefined when the default of the transport is meant. */
  port?: number;
  branch: string;
  parameters: Parameters;
  /** Whether it has a parameter, given in lower case. */
  has(name: 'rport' | 'received'): boolean;
}

const PATTERN =
  /^SIP\s*\/\s*\d+\.\d+\s*\/\s*([^\s/;]+)\s+(\[[^\]\s]*\]|[^\s:;,[\]]+)(?:\s*:\s*(\d{1,5}))?\s*(?=;|$)/i;

/** The branch where it nearly always stands: first, and not quoted. */
const BRANCH = /^;\s*branch=([^\s;,"]+)/i;

const USUAL_BRANCH = /^[\w.!%*+`'~-]+$/;

/** Usual start of a Via: single blanks, and none around the slashes. */
const USUAL_START = 'SIP/2.0/';
const USUAL_HOST = /^[\w.-]+$/;

/** Reads one Via value; undefined when it is none. A branch that is missing is the empty string. */
export function parseVia(value: string): Via | undefined {
  return usualVia(value) ?? anyVia(value);
}

/** `SIP/2.0/UDP host:port;…`; undefined for anything else. */
function usualVia(value: string): Via | undefined {
  const blank = value.indexOf(' ');
  const semicolon = value.indexOf(';');
  if (!value.startsWith(USUAL_START) || blank < USUAL_START.length || semicolon < blank) return undefined;
  const transport = viaToken(value.slice(USUAL_START.length, blank));
  const sentBy = value.slice(blank + 1, semicolon);
  const colon = sentBy.indexOf(':');
  const host = colon < 0 ? sentBy : sentBy.slice(0, colon);
  const port = colon < 0 ? undefined : decimal(sentBy.slice(colon + 1), 5);
  if (transport === undefined || !USUAL_HOST.test(host)) return undefined;
  if (colon >= 0 && (port === undefined || port > 65_535)) return undefined;
  return new ParsedVia(transport, host, port, value.slice(semicolon));
}

function anyVia(value: string): Via | undefined {
  const match = PATTERN.exec(value);
  if (!match) return undefined;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && port > 65_535) return undefined;
  const host = match[2].startsWith('[') ? match[2].slice(1, -1) : match[2];
  return new ParsedVia(match[1].toUpperCase(), host, port, value.slice(match[0].length));
}

/** A Via whose parameters are read on demand: most messages need the branch only. */
class ParsedVia implements Via {
  readonly branch: string;
  #parameters: Parameters | undefined;

  constructor(
    readonly transport: string,
    readonly host: string,
    readonly port: number | undefined,
    private readonly rest: string,
  ) {
    this.branch = usualBranch(rest) ?? BRANCH.exec(rest)?.[1] ?? this.parameters.get('branch') ?? '';
  }

  get parameters(): Parameters {
    return (this.#parameters ??= parseParameters(this.rest));
  }

  has(name: 'rport' | 'received'): boolean {
    // What stands nowhere in the text, or at its end as a flag, is found without a table of the others.
    if (this.rest.endsWith(FLAG[name])) return true;
    return this.rest.toLowerCase().includes(name) && this.parameters.has(name);
  }
}

const FLAG = { rport: ';rport', received: ';received' };

/** `;branch=token` at the beginning. */
function usualBranch(rest: string): string | undefined {
  if (!rest.startsWith(';branch=')) return undefined;
  const end = rest.indexOf(';', 1);
  const branch = rest.slice(';branch='.length, end < 0 ? rest.length : end);
  return branch !== '' && USUAL_BRANCH.test(branch) ? branch : undefined;
}

/** The first of the values that a Via field may join with commas. */
export function firstVia(fieldValue: string): string {
  return fieldValue.includes(',') ? (splitList(fieldValue)[0] ?? '') : fieldValue;
}

/**
 * Writes the source of a request into the first Via of a field value: `received` when it differs
 * from sent-by (RFC 3261, 18.2.1) or when `rport` asks for it (RFC 3581, 4), and the value of `rport`.
 * Values that the sender wrote into these two itself are replaced.
 */
export function stampVia(fieldValue: string, via: Via, source: { address: string; port: number }): string {
  const wantsPort = via.has('rport');
  const first = firstVia(fieldValue);
  if (!wantsPort && !via.has('received') && sameHost(via.host, source.address)) return fieldValue;
  let stamped = withoutStamps(first);
  if (wantsPort || !sameHost(via.host, source.address)) stamped += `;received=${source.address}`;
  if (wantsPort) stamped += `;rport=${source.port}`;
  return stamped + fieldValue.slice(fieldValue.indexOf(first) + first.length);
}

/** The Via without `rport` and `received`. */
function withoutStamps(via: string): string {
  const last = via.length - FLAG.rport.length;
  if (via.endsWith(FLAG.rport) && !/received|rport.+rport/i.test(via)) {
    return via.slice(0, last);
  }
  return via.replace(/;\s*(?:rport|received)(?:\s*=\s*[^;,\s]*)?\s*(?=;|$)/gi, '');
}

function sameHost(sentBy: string, address: string): boolean {
  return sentBy === address || (isIP(sentBy) === 6 && sentBy.toLowerCase() === address.toLowerCase());
}
