import type { TortureOptions } from './types';

/** Text is written as UTF-8; bytes that are no text are given as a Buffer. */
export type Raw = string | Buffer;

export interface Recipe {
  /** The whole start line. */
  start: Raw;
  /** Each field as its whole line or lines without the last CRLF; null leaves it out. */
  via?: Raw | null;
  maxForwards?: Raw | null;
  to?: Raw | null;
  from?: Raw | null;
  callId?: Raw | null;
  cseq?: Raw | null;
  /** A plain one for an INVITE, else none. */
  contact?: Raw | null;
  /** Further lines, after the ones above. */
  extra?: Raw[];
  contentType?: Raw | null;
  /** Right by default. */
  contentLength?: Raw | null;
  body?: Raw;
}

export const SDP = [
  'v=0',
  'o=torture 2890844526 2890844526 IN IP4 192.0.2.77',
  's=-',
  'c=IN IP4 192.0.2.77',
  't=0 0',
  'm=audio 49216 RTP/AVP 0 8',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  '',
].join('\r\n');

/** Writes messages whose every unusual byte is visible at the place where it is asked for. */
export class Composer {
  readonly sentBy: string;
  readonly transport: string;

  constructor(options: TortureOptions = {}) {
    this.sentBy = options.sentBy ?? '127.0.0.1:5060';
    this.transport = options.transport ?? 'UDP';
  }

  /** The top Via line with an RFC 3261 branch made of the case's name. */
  via(name: string): string {
    return `Via: SIP/2.0/${this.transport} ${this.sentBy};branch=${branchOf(name)}`;
  }

  /**
   * A message in the usual order of fields. Fields that a recipe does not mention are unremarkable and belong to
   * the case of that name alone, so that all cases can be sent to one user agent.
   *
   * @param method for the CSeq
   */
  message(name: string, method: string, recipe: Recipe): Buffer {
    const body = recipe.body ?? '';
    const hasBody = body.length > 0;
    const lines = [
      recipe.start,
      pick(recipe.via, this.via(name)),
      pick(recipe.maxForwards, 'Max-Forwards: 70'),
      pick(recipe.to, 'To: <sip:user@example.com>'),
      pick(recipe.from, `From: <sip:caller@example.net>;tag=${tagOf(name)}`),
      pick(recipe.callId, `Call-ID: ${callIdOf(name)}`),
      pick(recipe.cseq, `CSeq: 8 ${method}`),
      pick(recipe.contact, method === 'INVITE' ? 'Contact: <sip:caller@host5.example.net>' : null),
      ...(recipe.extra ?? []),
      pick(recipe.contentType, hasBody ? 'Content-Type: application/sdp' : null),
      pick(recipe.contentLength, `Content-Length: ${toBytes(body).length}`),
    ];
    return join([...lines.filter((line) => line !== null), '', body]);
  }

  /** An INVITE with an offer that every telephone can answer. */
  invite(name: string, recipe: Partial<Recipe> = {}): Buffer {
    return this.message(name, 'INVITE', {
      start: 'INVITE sip:user@example.com SIP/2.0',
      body: SDP,
      ...recipe,
    });
  }

  options(name: string, recipe: Partial<Recipe> = {}): Buffer {
    return this.message(name, 'OPTIONS', { start: 'OPTIONS sip:user@example.com SIP/2.0', ...recipe });
  }

  register(name: string, recipe: Partial<Recipe> = {}): Buffer {
    return this.message(name, 'REGISTER', { start: 'REGISTER sip:example.com SIP/2.0', ...recipe });
  }
}

export function branchOf(name: string): string {
  return `z9hG4bK-torture-${name}`;
}

export function callIdOf(name: string): string {
  return `${name}.torture@example.net`;
}

export function tagOf(name: string): string {
  return `tag-${name}`;
}

/** Texts that the response to an unremarkable request must echo. */
export function usualEchoes(name: string, method: string): string[] {
  return [branchOf(name), callIdOf(name), tagOf(name), `8 ${method}`];
}

/** Joins lines with CRLF; an empty last line ends the header section when a body (also an empty one) follows. */
export function join(lines: readonly Raw[]): Buffer {
  const parts: Buffer[] = [];
  lines.forEach((line, index) => {
    if (index > 0) parts.push(CRLF);
    parts.push(toBytes(line));
  });
  return Buffer.concat(parts);
}

/** Bytes of a mixture of text and raw bytes. */
export function mixed(...parts: Raw[]): Buffer {
  return Buffer.concat(parts.map(toBytes));
}

const CRLF = Buffer.from('\r\n');

function pick(given: Raw | null | undefined, usual: Raw | null): Raw | null {
  return given === undefined ? usual : given;
}

function toBytes(raw: Raw): Buffer {
  return typeof raw === 'string' ? Buffer.from(raw) : raw;
}
