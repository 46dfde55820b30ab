import { CODECS } from '../audio';
import { AudioRing } from './audio-ring';
import { deferred } from './deferred';
import { PayloadRing } from './payload-ring';
import type { BridgeWiring } from './protocol';
import type {
  MediaBridge,
  MediaBridgeEnd,
  MediaDigitMethod,
  MediaParameters,
  MediaSession,
  ReceivedDigit,
} from './types';

/** Samples of a ring: a third of a second at 48 kHz. */
const RING_SAMPLES = 16384;

/** A session as its bridge needs it. */
export interface BridgeParty {
  readonly parameters: MediaParameters;
  wire(bridge: Bridge, wiring: BridgeWiring): void;
  unwire(bridge: Bridge): void;
}

let lastId = 0;

/**
 * Joins the audio of two sessions, which may be on different workers: each direction is a ring in shared memory
 * at the sample rate of the session that reads it.
 */
export class Bridge implements MediaBridge {
  /** Unique in the process. */
  readonly id = ++lastId;
  readonly #finished = deferred<MediaBridgeEnd>();
  readonly finished = this.#finished.promise;
  #over = false;

  constructor(
    private readonly a: BridgeParty,
    private readonly b: BridgeParty,
  ) {
    this.rewire();
  }

  readonly stop = (): void => this.end('stopped');

  /** Makes new rings, because a session's codec may have another sample rate or packet time now. */
  rewire(): void {
    const rate = (party: BridgeParty): number => CODECS[party.parameters.codec.name].sampleRate;
    const [toA, toB] = [AudioRing.allocate(RING_SAMPLES), AudioRing.allocate(RING_SAMPLES)];
    const [rateA, rateB] = [rate(this.a), rate(this.b)];
    const [forA, forB] = this.#copying();
    this.a.wire(this, { send: toB, sendRate: rateB, receive: toA, receiveRate: rateA, ...forA });
    this.b.wire(this, { send: toA, sendRate: rateA, receive: toB, receiveRate: rateB, ...forB });
  }

  /** Packets of the same codec and length are copied, instead of being decoded and encoded again. */
  #copying(): [Pick<BridgeWiring, 'copying'>, Pick<BridgeWiring, 'copying'>] {
    const { codec, ptimeMs } = this.a.parameters;
    const other = this.b.parameters;
    if (codec.name !== other.codec.name || ptimeMs !== other.ptimeMs) return [{}, {}];
    const [toA, toB] = [PayloadRing.allocate(), PayloadRing.allocate()];
    const { name } = codec;
    return [
      { copying: { codec: name, send: toB, receive: toA } },
      { copying: { codec: name, send: toA, receive: toB } },
    ];
  }

  /** Ends it for both sides. */
  end(reason: MediaBridgeEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.a.unwire(this);
    this.b.unwire(this);
    this.#finished.resolve(reason);
  }
}

/** Least length of a relayed digit, so that any receiver takes it, and the longest. */
const SHORTEST_MS = 50;
const LONGEST_MS = 5000;
const GAP_MS = 50;

/**
 * Relays the digits that two bridged sessions receive, each by the method that the other side has negotiated. Tones are
 * part of the bridged audio and arrive by themselves, unless the codec of the other side cannot carry them.
 *
 * @returns ends it.
 */
export function relayDigits(a: MediaSession, b: MediaSession): () => void {
  const ends = [passOn(a, b), passOn(b, a)];
  return () => ends.forEach((end) => end());
}

function passOn(from: MediaSession, to: MediaSession): () => void {
  return from.on('digit', (digit) => {
    const method = methodTowards(to.parameters, digit);
    if (!method) return;
    const toneMs = Math.max(SHORTEST_MS, Math.min(LONGEST_MS, digit.durationMs));
    // The other side may hang up meanwhile.
    void to.sendDigits({ digits: digit.digit, method, toneMs, gapMs: GAP_MS }).catch(() => undefined);
  });
}

/** Method by which a digit is relayed; undefined when the bridged audio carries it already, or no method is left. */
function methodTowards(to: MediaParameters, digit: ReceivedDigit): MediaDigitMethod | undefined {
  const { carriesTones } = CODECS[to.codec.name];
  if (digit.method === 'inband' && carriesTones) return undefined;
  if (to.telephoneEvent) return 'rfc4733';
  return carriesTones && digit.digit !== '!' ? 'inband' : undefined;
}
