import { CODECS } from '../../../audio';
import type { DigitSink } from '../../../dtmf';
import type { MediaEvent } from '../../protocol';
import type { MediaParameters } from '../../types';
import type { BridgeLegs } from '../bridge/bridge-legs';
import type { PlayedPacket } from './playout';
import { ToneListener } from './tone-listener';

type DigitEvent =
  Extract<MediaEvent, { type: 'digit' | 'digitStart' }> extends infer Event
    ? Event extends { port: number }
      ? Omit<Event, 'port'>
      : never
    : never;

/** Consumer of the played-out audio and of telephone events: feeds bridged peers and reports digits. */
export class Hearing {
  #tones: ToneListener | undefined;
  #listensForTones = false;
  /** The peer has sent a digit by RFC 4733: tones in its audio are leakage of the same key presses. */
  #usesEvents = false;

  /** @param openedAt monotonic time at which the session's clock is zero. */
  constructor(
    private readonly openedAt: number,
    private readonly bridges: BridgeLegs,
    private readonly emit: (event: DigitEvent) => void,
  ) {}

  /** Somebody listens: a bridged peer, or the detector of tones. */
  get isNeeded(): boolean {
    return this.#listensForTones || !this.bridges.isEmpty;
  }

  configure({ detectInband = true, codec, telephoneEvent }: MediaParameters): void {
    if (!telephoneEvent) this.#usesEvents = false;
    this.#listensForTones = detectInband && CODECS[codec.name].carriesTones;
  }

  /** Takes digits by RFC 4733, whose times are monotonic. */
  readonly events: DigitSink = {
    start: (digit) => {
      this.#usesEvents = true;
      // Drops the tone of the same key press that is being detected.
      this.#tones = undefined;
      this.emit({ type: 'digitStart', digit, method: 'rfc4733' });
    },
    digit: (digit, startedAt, durationMs) => {
      const atMs = Math.max(0, Math.round(startedAt - this.openedAt));
      const received = { digit, method: 'rfc4733', atMs, durationMs: Math.round(durationMs) } as const;
      this.emit({ type: 'digit', digit: received });
    },
  };

  /**
   * Audio in order and without gaps.
   *
   * @param atMs on the session's clock.
   * @param still all samples are the same.
   * @param packet that it was decoded from; absent for concealed audio and comfort noise.
   */
  hear(
    pcm: Int16Array,
    count: number,
    sampleRate: number,
    atMs: number,
    still: boolean,
    packet?: PlayedPacket,
  ): void {
    this.bridges.hear(pcm, count, sampleRate, packet);
    if (!this.#listensForTones || this.#usesEvents) return;
    if (this.#tones?.sampleRate !== sampleRate) this.#listenAt(sampleRate);
    this.#tones?.hear(pcm, count, atMs, still);
  }

  /** Completes a digit that is under way, because the session ends. */
  flush(): void {
    this.#tones?.flush();
  }

  #listenAt(sampleRate: number): void {
    this.#tones?.flush();
    this.#tones = new ToneListener(sampleRate, {
      start: (digit) => this.emit({ type: 'digitStart', digit, method: 'inband' }),
      digit: (digit, atMs, durationMs) => {
        this.emit({ type: 'digit', digit: { digit, method: 'inband', atMs, durationMs } });
      },
    });
  }
}
