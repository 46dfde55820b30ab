/** Time without a packet after which the run is over. */
const LIVE_MS = 200;
/** Largest sequence number step within a run: more is another stream, not loss. */
const MAX_STEP = 50;

/** Counts the packets of one stream that may take the place of another one. */
export class SourceRun {
  #packets = 0;
  #address = '';
  #port = 0;
  #ssrc = 0;
  #sequence = 0;
  #at = 0;

  /** The run is over: the next packet begins one. */
  end(): void {
    this.#packets = 0;
  }

  /**
   * Counts a packet. As long as one run goes on, packets of others neither count nor break it: a few packets sprayed
   * over all ports cannot keep a peer out.
   *
   * @param at monotonic milliseconds.
   * @returns packets of the run that it belongs to, 0 for one of another stream.
   */
  count(address: string, port: number, ssrc: number, sequence: number, at: number): number {
    const isSame = port === this.#port && address === this.#address && ssrc === this.#ssrc;
    if (this.#packets > 0 && !isSame && at - this.#at < LIVE_MS) return 0;
    const step = ((sequence - this.#sequence) << 16) >> 16;
    const goesOn = this.#packets > 0 && isSame && step > 0 && step <= MAX_STEP;
    this.#packets = goesOn ? this.#packets + 1 : 1;
    this.#address = address;
    this.#port = port;
    this.#ssrc = ssrc;
    this.#sequence = sequence;
    this.#at = at;
    return this.#packets;
  }
}
