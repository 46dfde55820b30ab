import { sdpWord } from './sdp-word';
import { isInDialog, sdpOf, userOf, type SipText } from './sip-text';
import type { LadderTone } from './types';
import type { LadderWords } from './words';

/** A message in words. */
export interface MessageWord {
  label: string;
  detail: string;
  tone: LadderTone;
}

/** Facts about a message that are not in its text. */
export interface MessageContext {
  callId: string;
  /** The lane that sent the request to which the message belongs: sequence numbers are its own. */
  requester: string;
  /** Address without port that it came from. */
  host: string;
}

/**
 * Puts the messages of a ladder into words, in order, because whether a description is an offer or an answer depends on
 * the messages before it (RFC 3264, RFC 6337).
 */
export class MessageWords {
  /** Whether the requests that were seen had an offer, by Call-ID, sender and CSeq. */
  readonly #offered = new Map<string, boolean>();

  constructor(private readonly words: LadderWords) {}

  wordOf(sip: SipText, context: MessageContext): MessageWord {
    const details = [...(sip.status === undefined ? this.#request(sip) : this.#response(sip))];
    const sdp = sdpOf(sip);
    const role = this.#role(sip, context, sdp !== undefined);
    if (sdp !== undefined) details.push(`${role} ${sdpWord(sdp, context.host, this.words)}`);
    return {
      label: this.#label(sip),
      detail: details.filter((detail) => detail !== '').join(' · '),
      tone: toneOf(sip),
    };
  }

  #label(sip: SipText): string {
    if (sip.status !== undefined) return `${sip.status} ${sip.reason ?? ''}`.trim();
    if (sip.method === '') return this.words.unreadable;
    return sip.method === 'INVITE' && isInDialog(sip) ? 're-INVITE' : sip.method;
  }

  *#request(sip: SipText): Generator<string> {
    const field = (name: string): string => sip.header(name) ?? '';
    if (!isInDialog(sip) && sip.method !== 'CANCEL' && sip.uri !== undefined) yield userOf(sip.uri);
    if (sip.header('authorization') ?? sip.header('proxy-authorization')) yield this.words.credentials;
    if (sip.header('replaces')) yield 'Replaces';
    switch (sip.method) {
      case 'REFER':
        yield `→ ${userOf(field('refer-to'))}${/[?&]Replaces=/i.test(field('refer-to')) ? ' (Replaces)' : ''}`;
        break;
      case 'NOTIFY':
        yield field('event');
        if (/sipfrag/i.test(field('content-type')))
          yield sip.body.split(/\r?\n/, 1)[0].replace(/^SIP\/2\.0 /i, '');
        break;
      case 'INFO':
        yield digitOf(sip.body);
        break;
      case 'MESSAGE':
        yield `${field('content-type')} ${this.words.characters(sip.body.length)}`;
        break;
      case 'BYE':
      case 'CANCEL':
        yield field('reason');
    }
  }

  *#response(sip: SipText): Generator<string> {
    if (sip.method !== 'INVITE') yield sip.method;
    const status = sip.status ?? 0;
    if (status >= 300 && status < 400) yield `→ ${userOf(sip.header('contact') ?? '')}`;
    if (status === 401 || status === 407) {
      const challenge = sip.header('www-authenticate') ?? sip.header('proxy-authenticate') ?? '';
      yield challenge.split(/\s/, 1)[0];
    }
    if (status >= 400) yield sip.header('warning') ?? sip.header('reason') ?? '';
    const retry = sip.header('retry-after');
    if (retry !== undefined) yield `Retry-After ${retry}`;
  }

  /** Offer or answer; `SDP` when the beginning was not seen. */
  #role(sip: SipText, { callId, requester }: MessageContext, hasSdp: boolean): string {
    const key = (number: string, method: string): string => [callId, requester, number, method].join('\n');
    if (sip.status !== undefined) {
      const offered = this.#offered.get(key(sip.sequence, sip.method));
      return offered === undefined ? 'SDP' : offered ? 'answer' : 'offer';
    }
    const asked = key(...askedFor(sip));
    const askedWithOffer = this.#offered.get(asked);
    if (sip.method === 'ACK') return askedWithOffer === false ? 'answer' : 'SDP';
    // The first PRACK of an INVITE without an offer answers that of the provisional response (RFC 3262, 5).
    const answers = sip.method === 'PRACK' && askedWithOffer === false && hasSdp;
    if (answers) this.#offered.set(asked, true);
    this.#offered.set(key(sip.sequence, sip.method), hasSdp && !answers);
    return answers ? 'answer' : 'offer';
  }
}

/** Number and method of the request that an ACK or PRACK belongs to. */
function askedFor(sip: SipText): [number: string, method: string] {
  if (sip.method !== 'PRACK') return [sip.sequence, 'INVITE'];
  const [, number = '', method = ''] = (sip.header('rack') ?? '').split(/\s+/);
  return [number, method];
}

function toneOf({ method, status }: SipText): LadderTone {
  if (status === undefined) return method === '' ? 'failure' : 'request';
  if (status < 200) return 'provisional';
  if (status < 300) return 'success';
  if (status < 400) return 'redirect';
  return status === 401 || status === 407 ? 'challenge' : 'failure';
}

/** The digit of an INFO body (`Signal=5`, or the digit alone); '' when there is none. */
function digitOf(body: string): string {
  const digit = /^\s*(?:Signal\s*=\s*)?([0-9A-D*#])\s*(?:\r?\n|$)/i.exec(body)?.[1];
  return digit === undefined ? '' : `DTMF ${digit}`;
}
