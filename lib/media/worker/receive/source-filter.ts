import { Cells, InCells, memory } from '../../memory/cells';
import { isAnswerable } from './answerable';
import { SourceRun } from './source-run';

/**
 * Verdict on the source of a packet: `accept`: the stream's own; `latch`: its source becomes the stream's if the packet
 * is valid; `foreign`: ask `claims` if it is valid; `refused`: drop it.
 */
export type SourceVerdict = 'accept' | 'latch' | 'foreign' | 'refused';

/**
 * Packets of the former source that are refused after a new offer/answer: two seconds of them. After a transfer both
 * sides could otherwise latch on the leaving party again and never hear each other. A peer that keeps sending from the
 * former address although its SDP has changed is heard after that.
 */
const FORMER_PACKETS = 100;

/**
 * Packets after which a latched stream has settled. Until then another one that sends as many without a break takes
 * its place: a late packet of the former call on the same port would otherwise keep the peer out.
 */
const SETTLED_PACKETS = 5;

/** A source heard within this time is live and cannot be replaced. More than the jitter of a usable path. */
const LIVE_MS = 200;
/** Packets in a row after which the same stream is accepted from another address. */
const HEIR_PACKETS = 3;
/** Packets in a row after which another stream (SSRC) counts as one. */
const STRANGER_PACKETS = 10;
/**
 * Silence of the source after which another stream takes its place. From the same host, as with a new port of a NAT,
 * it only has to exceed the longest pause of codecs with DTX (400 ms of Opus).
 */
const SAME_HOST_SILENCE_MS = 1000;
const SILENCE_MS = 2000;
/** The same after comfort noise, which announces that nothing may come for a while (RFC 3389, 4). */
const PAUSE_MS = 10_000;
/** Largest step ahead of a sequence number within a stream (RFC 3550, A.1: MAX_DROPOUT): a minute of packets. */
const MAX_AHEAD = 3000;

/**
 * Source filter of the stream (guarded symmetric RTP, RFC 4961 and RFC 7362): accepts packets from the address in the
 * SDP and, as long as none came from there, those of the first valid stream (latching, for a peer behind a NAT). While
 * this source is live only the SDP's own address replaces it. When it has fallen silent the stream may go on from
 * elsewhere, as after a new port of a NAT: at once with the SSRC and sequence numbers that only the peer knows, and
 * after a longer silence with others. Times are monotonic milliseconds.
 */
export class SourceFilter extends InCells {
  /** Destination of our packets: the SDP's address until another one was latched. */
  address = '';
  port = 0;
  /** Whether the direction lets the peer send; otherwise its silence is no reason to accept another stream. */
  expected = true;
  /** The last packet was comfort noise. */
  pausing = false;
  /** The stream has a source: packets from other addresses are `foreign`. */
  #locked = false;
  /** Packets of the source so far; no more are counted once it has settled. */
  #seen = 0;
  #ssrc = 0;
  #sequence = 0;
  /** Packets of the same stream from another address, without one of the source between them. */
  #heirPackets = 0;
  /** Another stream than that of the source is being counted. */
  #hasStranger = false;
  readonly #stranger = new SourceRun();
  /** SSRC of the stream that was replaced during its silence: accepted again at its next packet. */
  #displacedSsrc: number | undefined;
  #formerAddress = '';
  #formerPort = 0;
  #formerLeft = 0;
  #sdpAddress = '';
  #sdpPort = 0;

  /** The cell holds when the source was heard last. */
  constructor(cells = new Cells(1), place = 0) {
    super(cells, place);
  }

  /** Whether the source is not the one that the SDP names. */
  get latched(): boolean {
    return !this.#isSignalled(this.address, this.port);
  }

  /** Takes the address of a new offer/answer. An unchanged one keeps the latched source. */
  signalled(address: string, port: number): void {
    if (address === this.#sdpAddress && port === this.#sdpPort) return;
    this.#formerAddress = this.address;
    this.#formerPort = this.port;
    this.#formerLeft = FORMER_PACKETS;
    this.#sdpAddress = address;
    this.#sdpPort = port;
    this.address = address;
    this.port = port;
    this.#locked = false;
    this.#displacedSsrc = undefined;
  }

  /** Judges a packet without choosing a source by it; only a valid packet may then be `confirm`ed. */
  judge(address: string, port: number): SourceVerdict {
    if (port === this.port && address === this.address && port !== 0) return 'accept';
    if (this.#formerLeft > 0 && port === this.#formerPort && address === this.#formerAddress) {
      this.#formerLeft -= 1;
      return 'refused';
    }
    if (port !== 0 && this.#isSignalled(address, port)) return 'latch';
    if (!isAnswerable(address, port)) return 'refused';
    return this.#locked ? 'foreign' : 'latch';
  }

  /** Whether a valid packet of a `foreign` source shows that the stream goes on from there; counts it. */
  claims(address: string, port: number, ssrc: number, sequence: number, arrival: number): boolean {
    if (ssrc === this.#displacedSsrc) return true;
    if (ssrc === this.#ssrc) {
      if (!this.isAhead(ssrc, sequence)) return false;
      this.#heirPackets += 1;
      return this.#heirPackets >= HEIR_PACKETS && !this.isLive(arrival);
    }
    this.#hasStranger = true;
    const packets = this.#stranger.count(address, port, ssrc, sequence, arrival);
    if (this.#seen < SETTLED_PACKETS && packets >= SETTLED_PACKETS) return true;
    return this.expected && packets >= STRANGER_PACKETS && this.#isSilent(address, arrival);
  }

  /** Whether the source was heard a moment ago. */
  isLive(arrival: number): boolean {
    return arrival - memory.numbers[this.at] < LIVE_MS;
  }

  /** Whether a packet carries the stream on: the same SSRC, and a later number than any of the source. */
  isAhead(ssrc: number, sequence: number): boolean {
    const step = ((sequence - this.#sequence) << 16) >> 16;
    return ssrc === this.#ssrc && step > 0 && step <= MAX_AHEAD;
  }

  /** A valid packet of an accepted source came: the stream is this one from now on. */
  confirm(address: string, port: number, ssrc: number, sequence: number, arrival: number): void {
    if (!this.#locked || port !== this.port || address !== this.address) this.#follow(address, port, ssrc);
    if (this.#seen < SETTLED_PACKETS) this.#seen += 1;
    memory.numbers[this.at] = arrival;
    this.#ssrc = ssrc;
    this.#sequence = sequence;
    this.#heirPackets = 0;
    if (!this.#hasStranger) return;
    this.#hasStranger = false;
    this.#stranger.end();
  }

  #follow(address: string, port: number, ssrc: number): void {
    const settled = this.#locked && this.#seen >= SETTLED_PACKETS;
    if (ssrc === this.#displacedSsrc) this.#displacedSsrc = undefined;
    else if (settled && ssrc !== this.#ssrc) this.#displacedSsrc ??= this.#ssrc;
    const isSure = this.#isSignalled(address, port) || (this.#locked && ssrc === this.#ssrc);
    this.address = address;
    this.port = port;
    this.#locked = true;
    this.#seen = isSure ? SETTLED_PACKETS : 0;
  }

  #isSilent(address: string, arrival: number): boolean {
    const usual = address === this.address ? SAME_HOST_SILENCE_MS : SILENCE_MS;
    return arrival - memory.numbers[this.at] >= (this.pausing ? PAUSE_MS : usual);
  }

  #isSignalled(address: string, port: number): boolean {
    return port === this.#sdpPort && address === this.#sdpAddress;
  }
}
