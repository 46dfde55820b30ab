/** What to do with a packet that came from some address. */
export type SourceVerdict = 'accept' | 'latch' | 'foreign';

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

  /** Takes the address of a new offer/answer. One that did not change keeps what was latched. */
  signalled(address: string, port: number): void {
    if (address === this.#sdpAddress && port === this.#sdpPort) return;
    this.#sdpAddress = address;
    this.#sdpPort = port;
    this.address = address;
    this.port = port;
    this.#locked = false;
  }

  /** Judges a packet without changing anything; only a valid packet may then be `confirm`ed. */
  judge(address: string, port: number): SourceVerdict {
    if (port === this.port && address === this.address) return 'accept';
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
