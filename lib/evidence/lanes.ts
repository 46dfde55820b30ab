import type { Addresses } from './addresses';
import type { Clip } from './clip';
import type { Exchanged } from './exchange';
import { userOf, type SipText } from './sip-text';
import { LADDER_LIMITS, type LadderCall, type LadderLane } from './types';
import type { LadderWords } from './words';

/** Where a call stands in the picture: the addresses of our side and of the other one in its first message. */
export interface CallEnds {
  own: string;
  peer: string;
  /** Those of its last answered INVITE: a transfer puts another peer there, under another Call-ID. */
  audio: { own: string; peer: string; callId: string; replacedAtMs?: number };
}

/** The participants, in order of their first message. */
export class Lanes {
  readonly list: LadderLane[] = [];
  readonly #places = new Map<string, number>();
  readonly #numbers = new Map<string, Set<string>>();
  readonly #phones = new Map<string, string>();

  constructor(
    private readonly addresses: Addresses,
    private readonly words: LadderWords,
    private readonly clip: Clip,
  ) {}

  /** Place of a participant; those above the limit share the last one. */
  placeOf(address: string): number {
    const known = this.#places.get(address);
    if (known !== undefined) return known;
    const place = Math.min(this.list.length, LADDER_LIMITS.lanes - 1);
    this.#places.set(address, place);
    if (this.list.length < LADDER_LIMITS.lanes) {
      this.list.push({ name: '', address, aliases: [], phone: this.addresses.isOwn(address) });
    } else {
      const lane = this.list[place];
      if (this.clip.leftOut.lanes === 0)
        Object.assign(lane, { name: this.words.otherLanes, address: '', phone: false });
      this.clip.leftOut.lanes += 1;
    }
    return place;
  }

  /** Notes the software of a message's sender (User-Agent, Server). */
  hear({ from }: Exchanged, sip: SipText): void {
    const lane = this.list[this.placeOf(from)];
    // A request with several Via fields comes from a sender behind this participant.
    if (lane.software !== undefined || (sip.status === undefined && sip.count('via') > 1)) return;
    const software =
      sip.status === undefined
        ? sip.header('user-agent')
        : (sip.header('server') ?? sip.header('user-agent'));
    if (software) lane.software = this.clip.text(software, LADDER_LIMITS.label);
  }

  /** Notes the phone and the numbers of the two ends of a call. */
  meet({ ref, phone }: LadderCall, { own, peer }: CallEnds): void {
    if (phone) this.#phones.set(own, phone);
    const [ours, theirs] =
      ref.direction === 'out' ? [ref.from, ref.to] : [ref.called ? `sip:${ref.called}` : ref.to, ref.from];
    this.#note(own, ours);
    this.#note(peer, theirs);
  }

  /** Gives every lane a name. */
  finish(): void {
    for (const [alias, name] of this.addresses.aliases) {
      const place = this.#places.get(name);
      if (place !== undefined && this.list[place].address === name) this.list[place].aliases.push(alias);
    }
    for (const lane of this.list) {
      if (lane.address === '') continue;
      const numbers = this.#numbers.get(lane.address);
      // Behind a server there are several; none of them is its name.
      const [number] = numbers?.size === 1 ? numbers : [];
      if (number) lane.number = this.clip.text(number, LADDER_LIMITS.label);
      const phone = this.#phones.get(lane.address);
      lane.name = phone
        ? this.clip.text(phone, LADDER_LIMITS.label)
        : (lane.number ?? lane.software ?? lane.address);
    }
  }

  #note(address: string, uri: string): void {
    const number = userOf(uri) || uri;
    if (number === '') return;
    const known = this.#numbers.get(address);
    if (known) known.add(number);
    else this.#numbers.set(address, new Set([number]));
  }
}
