import { isIP } from 'node:net';
import { parseParameters, splitList, type Parameters } from './header-values';

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
}

const PATTERN =
  /^SIP\s*\/\s*\d+\.\d+\s*\/\s*([^\s/;]+)\s+(\[[^\]\s]*\]|[^\s:;,[\]]+)(?:\s*:\s*(\d{1,5}))?\s*(?=;|$)/i;

/** The branch where it nearly always stands: first, and not quoted. */
const BRANCH = /^;\s*branch=([^\s;,"]+)/i;

/** Reads one Via value; undefined when it is none. A branch that is missing is the empty string. */
export function parseVia(value: string): Via | undefined {
  const match = PATTERN.exec(value);
  if (!match) return undefined;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && port > 65_535) return undefined;
  const host = match[2].startsWith('[') ? match[2].slice(1, -1) : match[2];
  return new ParsedVia(match[1].toUpperCase(), host, port, value.slice(match[0].length));
}

/** Most messages need the branch only: the other parameters are read when somebody asks for them. */
class ParsedVia implements Via {
  readonly branch: string;
  #parameters: Parameters | undefined;

  constructor(
    readonly transport: string,
    readonly host: string,
    readonly port: number | undefined,
    private readonly rest: string,
  ) {
    this.branch = BRANCH.exec(rest)?.[1] ?? this.parameters.get('branch') ?? '';
  }

  get parameters(): Parameters {
    return (this.#parameters ??= parseParameters(this.rest));
  }
}

/** The first of the values that a Via field may join with commas. */
export function firstVia(fieldValue: string): string {
  return fieldValue.includes(',') ? (splitList(fieldValue)[0] ?? '') : fieldValue;
}

/**
 * Notes where the request really came from in the first Via of a field value: `received` when it differs
 * from sent-by (RFC 3261, 18.2.1) or when `rport` asks for it (RFC 3581, 4), and the value of `rport`.
 * What a sender wrote into these two itself is replaced.
 */
export function stampVia(fieldValue: string, via: Via, source: { address: string; port: number }): string {
  const wantsPort = via.parameters.has('rport');
  const first = firstVia(fieldValue);
  if (!wantsPort && !via.parameters.has('received') && sameHost(via.host, source.address)) return fieldValue;
  let stamped = first.replace(/;\s*(?:rport|received)(?:\s*=\s*[^;,\s]*)?\s*(?=;|$)/gi, '');
  if (wantsPort || !sameHost(via.host, source.address)) stamped += `;received=${source.address}`;
  if (wantsPort) stamped += `;rport=${source.port}`;
  return stamped + fieldValue.slice(fieldValue.indexOf(first) + first.length);
}

function sameHost(sentBy: string, address: string): boolean {
  return sentBy === address || (isIP(sentBy) === 6 && sentBy.toLowerCase() === address.toLowerCase());
}
