import type { TracedMessage } from '../../calls';
import { fullName, readSip, sdpOf, type SipText } from '../../evidence';

interface ReadMessage {
  readonly atMs: number;
  readonly transport: string;
  readonly direction: 'in' | 'out';
  readonly sip: SipText;
}

/** What the SIP messages of a call say. They are read when they are asked for first. */
export class SipFacts {
  #read: readonly ReadMessage[] | undefined;

  /** @param traced in order of time */
  constructor(private readonly traced: () => readonly TracedMessage[]) {}

  /** Transport of the first message. */
  get transport(): string | undefined {
    return this.#messages[0]?.transport.toLowerCase();
  }

  /** Methods and statuses in order, copies left out: `INVITE 100 180 200 ACK BYE 200`. */
  get methods(): string {
    return this.#messages.map(({ sip }) => String(sip.status ?? sip.method)).join(' ');
  }

  /** From the INVITE to its 2xx. */
  get setupMs(): number | undefined {
    return this.#sinceInvite((status) => status >= 200 && status < 300);
  }

  /** From the INVITE to its first 180. */
  get ringDelayMs(): number | undefined {
    return this.#sinceInvite((status) => status === 180);
  }

  /** From the first 180 to the final response. */
  get ringMs(): number | undefined {
    const ringing = this.ringDelayMs;
    const final = this.#sinceInvite((status) => status >= 200);
    return ringing === undefined || final === undefined ? undefined : final - ringing;
  }

  /** Suite of the SDES keys that were agreed on, as the last answer names it (RFC 4568, 5.1). */
  get srtpSuite(): string | undefined {
    const suites = this.#messages.flatMap(({ sip }) => {
      const named = [...(sdpOf(sip) ?? '').matchAll(/^a=crypto:\d+ ([\w-]+)/gm)].map(([, suite]) => suite);
      // An answer names the one that it has chosen; an offer may name one alone too, which the answer repeats.
      return named.length === 1 ? named : [];
    });
    return suites.at(-1);
  }

  /**
   * Values of a header field in the latest message that has it, joined by commas.
   *
   * @param message `INVITE`, `200`, `200 BYE`; blank: any message
   */
  header(name: string, message: string): string | undefined {
    const field = fullName(name);
    const found = this.#of(message).findLast(({ sip }) => sip.count(field) > 0);
    return found?.sip.values(field).join(', ');
  }

  /** Session description of the latest message that has one; its keys are masked. */
  sdp(message: string): string | undefined {
    return this.#of(message)
      .map(({ sip }) => sdpOf(sip))
      .findLast((sdp) => sdp !== undefined);
  }

  get #messages(): readonly ReadMessage[] {
    return (this.#read ??= withoutCopies(this.traced()).map(({ atMs, transport, direction, text }) => ({
      atMs,
      transport,
      direction,
      sip: readSip(text),
    })));
  }

  /** Milliseconds from the first INVITE to the first response to an INVITE with such a status, the other way. */
  #sinceInvite(wanted: (status: number) => boolean): number | undefined {
    const messages = this.#messages;
    const invite = messages.find(({ sip }) => sip.status === undefined && sip.method === 'INVITE');
    const response = messages.find(
      ({ sip, direction }) =>
        sip.status !== undefined &&
        wanted(sip.status) &&
        sip.method === 'INVITE' &&
        direction !== invite?.direction,
    );
    return invite && response ? response.atMs - invite.atMs : undefined;
  }

  #of(message: string): readonly ReadMessage[] {
    const [what = '', method] = message.trim().toUpperCase().split(/\s+/);
    if (what === '') return this.#messages;
    return this.#messages.filter(({ sip }) =>
      sip.status === undefined
        ? sip.method.toUpperCase() === what && method === undefined
        : String(sip.status) === what && (method === undefined || sip.method.toUpperCase() === method),
    );
  }
}

/** Without the messages that were sent or received again. */
function withoutCopies(traced: readonly TracedMessage[]): TracedMessage[] {
  const seen = new Set<string>();
  return traced.filter(({ direction, text }) => {
    const key = `${direction} ${text}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
