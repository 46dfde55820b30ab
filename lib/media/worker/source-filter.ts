/** What to do with a packet that came from some address. */
export type SourceVerdict = 'accept' | 'latch' | 'foreign';

/**
 * Packets of the source before a new offer/answer that are not taken for those of the new peer: two seconds of them.
 * Were one of two transferred sides to latch back on the party that leaves, and the other one too, they would never
 * hear each other. A peer that goes on from the same place although its SDP has changed is heard after that.
 */
const FORMER_PACKETS = 100;

/**
 * Packets after which a latched stream stays for good. Until then another one that sends as many without a break
 * takes its place: a late packet of the call before, which had the same port, would otherwise keep the peer out.
 */
const SETTLED_PACKETS = 5;

/**
 * Decides whose packets belong to the stream (guarded symmetric RTP, RFC 4961 and RFC 7362): those from
 * the address that the SDP names, and, as long as none came from there, those of the first valid stream,
 * which is how a peer behind a NAT shows itself. Once it has settled nobody else can take the stream over,
 * except the SDP's own address.
 */
export class SourceFilter {
  /** Where our packets go: the SDP's address until another one was latched. */
  address = '';
  port = 0;
  #sdpAddress = '';
  #sdpPort = 0;
  /** The stream's source was seen; later strangers are ignored. */
  #locked = false;
  /** Packets of the source so far; no more are counted once it has settled. */
  #seen = 0;
  #strangerAddress = '';
  #strangerPort = 0;
  /** Packets that the latest stranger sent without one of the source between them. */
  #strangerPackets = 0;
  #formerAddress = '';
  #formerPort = 0;
  #formerLeft = 0;

  /** Takes the address of a new offer/answer. One that did not change keeps what was latched. */
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
  }

  /** Judges a packet without choosing a source by it; only a valid packet may then be `confirm`ed. */
  judge(address: string, port: number): SourceVerdict {
    if (port === this.port && address === this.address) return 'accept';
    if (this.#formerLeft > 0 && port === this.#formerPort && address === this.#formerAddress) {
      this.#formerLeft -= 1;
      return 'foreign';
    }
    if (!this.#locked) return 'latch';
    if (this.#isSignalled(address, port)) return 'latch';
    return this.#displaces(address, port) ? 'latch' : 'foreign';
  }

  /** A valid packet of an accepted source came: the stream is this one from now on. */
  confirm(address: string, port: number): void {
    if (!this.#locked || port !== this.port || address !== this.address) {
      this.address = address;
      this.port = port;
      this.#locked = true;
      this.#seen = this.#isSignalled(address, port) ? SETTLED_PACKETS : 0;
    }
    if (this.#seen < SETTLED_PACKETS) this.#seen += 1;
    this.#strangerPackets = 0;
  }

  #isSignalled(address: string, port: number): boolean {
    return port === this.#sdpPort && address === this.#sdpAddress;
  }

  /** Counts a packet of a stranger; whether it may take the place of a source that has not settled. */
  #displaces(address: string, port: number): boolean {
    if (this.#seen >= SETTLED_PACKETS) return false;
    if (port !== this.#strangerPort || address !== this.#strangerAddress) {
      this.#strangerAddress = address;
      this.#strangerPort = port;
      this.#strangerPackets = 0;
    }
    this.#strangerPackets += 1;
    return this.#strangerPackets >= SETTLED_PACKETS;
  }
}
