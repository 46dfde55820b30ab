import { StreamState } from './stream-state';

/** Streams remembered for each direction of a session. A call has one or two, and a new one with each restart of the peer. */
export const MAX_STREAMS = 16;

/**
 * The streams of one direction by SSRC, at most `MAX_STREAMS`. Beyond that the least recently used one is
 * replaced; only authentic packets make a stream, so without the key none can be pushed out.
 */
export class StreamTable {
  readonly #streams: StreamState[] = [];
  #last: StreamState | undefined;
  #uses = 0;

  /** The stream of an SSRC (signed word), or undefined. */
  find(ssrc: number): StreamState | undefined {
    let found = this.#last;
    if (found === undefined || found.ssrc !== ssrc) {
      found = undefined;
      for (let i = 0; i < this.#streams.length; i++) {
        if (this.#streams[i].ssrc === ssrc) found = this.#streams[i];
      }
      if (found === undefined) return undefined;
      this.#last = found;
    }
    found.lastUsed = ++this.#uses;
    return found;
  }

  /** Begins a stream for an SSRC that has none. */
  add(ssrc: number): StreamState {
    const stream = this.#streams.length < MAX_STREAMS ? this.#grow() : this.#leastRecent();
    stream.begin(ssrc);
    stream.lastUsed = ++this.#uses;
    this.#last = stream;
    return stream;
  }

  #grow(): StreamState {
    const stream = new StreamState();
    this.#streams.push(stream);
    return stream;
  }

  #leastRecent(): StreamState {
    return this.#streams.reduce((oldest, stream) => (stream.lastUsed < oldest.lastUsed ? stream : oldest));
  }
}
