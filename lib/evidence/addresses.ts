import type { LadderCall } from './types';

type Message = LadderCall['messages'][number];

const STREAMS = /^(tcp|tls|ws|wss)$/i;

/** The host of `address:port`, without the brackets of IPv6. */
export function hostOf(address: string): string {
  const colon = address.lastIndexOf(':');
  const host = colon < 0 ? address : address.slice(0, colon);
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/**
 * Tells which addresses are the same participant. The other side of a connection has a port that stands nowhere in its
 * SIP, and behind NAT a phone is seen under an address that it does not know; but when two phones of one picture have
 * seen the same message, one as sent and one as received, both addresses are known.
 */
export class Addresses {
  readonly #own = new Set<string>();
  /** Address to the one that stands for the participant. */
  readonly #names = new Map<string, string>();
  /** Connections of one peer, by Call-ID, our address and its host. */
  readonly #streams = new Map<string, string>();

  constructor(calls: readonly LadderCall[]) {
    for (const { messages } of calls) for (const { local } of messages) this.#own.add(local);
    this.#matchPhones(calls);
    for (const { ref, messages } of calls)
      for (const message of messages) this.#joinStreams(ref.callId, message);
  }

  isOwn(address: string): boolean {
    return this.#own.has(address);
  }

  /** The address that stands for the participant. */
  nameOf(address: string): string {
    return this.#names.get(address) ?? address;
  }

  /** Every address that another one stands for. */
  get aliases(): IterableIterator<[alias: string, name: string]> {
    return this.#names.entries();
  }

  #matchPhones(calls: readonly LadderCall[]): void {
    const sent = new Map<string, { call: LadderCall; message: Message }>();
    for (const call of calls) {
      for (const message of call.messages) {
        if (message.direction === 'out' && !sent.has(message.text)) sent.set(message.text, { call, message });
      }
    }
    const meanings = new Map<string, Set<string>>();
    const note = (remote: string, local: string): void => {
      if (this.#own.has(remote)) return;
      const known = meanings.get(remote);
      if (known) known.add(local);
      else meanings.set(remote, new Set([local]));
    };
    for (const call of calls) {
      for (const message of call.messages) {
        const origin = message.direction === 'in' ? sent.get(message.text) : undefined;
        if (!origin || origin.call === call) continue;
        note(message.remote, origin.message.local);
        note(origin.message.remote, message.local);
      }
    }
    // An address that stands for two phones is something between them.
    for (const [remote, locals] of meanings) {
      if (locals.size === 1) for (const local of locals) this.#names.set(remote, local);
    }
  }

  #joinStreams(callId: string, { transport, local, remote }: Message): void {
    if (!STREAMS.test(transport) || this.#own.has(remote) || this.#names.has(remote)) return;
    const key = `${callId}\n${local}\n${hostOf(remote)}`;
    const first = this.#streams.get(key);
    if (first === undefined) this.#streams.set(key, remote);
    else if (first !== remote) this.#names.set(remote, first);
  }
}
