/** What to do with a packet that came from some address. */
export type SourceVerdict = 'accept' | 'latch' | 'foreign';

/**
 * Packets of the source before a new offer/answer that are not taken for those of the new peer: two seconds of them.
 * Were one of two transferred sides to latch back on the party that leaves, and the other one too, they would never
 * hear each other. A peer that goes on from the same place although its SDP has changed is heard after that.
 */
const FORMER_PACKETS = 100;

/**
 * Decides whose packets belong to the stream (guarded symmetric RTP, RFC 4961 and RFC 7362): those from
 * the address that the SDP names, and, as long as none came from there, those of the first valid stream,
 * which is how a peer behind a NAT shows itself. After that nobody else can take the stream over,
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
    return port === this.#sdpPort && address === this.#sdpAddress ? 'latch' : 'foreign';
  }

  /** A valid packet of an accepted source came: the stream is this one from now on. */
  confirm(address: string, port: number): void {
    this.address = address;
    this.port = port;
    this.#locked = true;
  }
}
