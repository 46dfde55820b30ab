import type { Failure } from '../../../common';
import type { MediaEvent } from '../../protocol';
import type { PlaybackEnd, PlayRequest } from '../../types';
import { BridgeLegs, limited } from '../bridge/bridge-legs';
import type { FileClient } from '../file-client';
import { createBeep } from '../play/beep';
import { openSource } from '../play/open-source';
import { Player } from '../play/player';
import { RateAdapter } from '../play/rate-adapter';
import type { DigitsOut } from './digits-out';

type PlaybackEvent =
  Extract<MediaEvent, { playback: number }> extends infer Event
    ? Event extends { port: number }
      ? Omit<Event, 'port'>
      : never
    : never;

/** Shared by all sessions of the thread: a frame is sent before the next one is made. */
const frame = new Int16Array(4096);
/** The bridged peers' part of a frame that mixes them with a playback. */
const peers = new Int16Array(4096);

/**
 * Audio that a session sends in each packet time, by rank: DTMF tones, a beep, the playback, the bridged peers. An
 * outranked source keeps its position; a playback may be mixed with the peers.
 */
export class FrameSource {
  readonly bridges = new BridgeLegs();
  #player: { id: number; player: Player; mix: boolean } | undefined;
  #beep: Player | undefined;
  #adapter: RateAdapter | undefined;
  /** Player of the frame in the current packet. */
  #playing: Player | undefined;
  #fromPeers = false;

  constructor(
    private readonly files: FileClient,
    private readonly digits: DigitsOut,
    private readonly emit: (event: PlaybackEvent) => void,
  ) {}

  /** There is nothing to send but what the digits may have. */
  get isIdle(): boolean {
    return this.#beep === undefined && this.#player === undefined && this.bridges.isEmpty;
  }

  /** Begins a playback; its progress and end are reported as events. */
  play(id: number, request: PlayRequest, sampleRate: number): void {
    if (this.#player) {
      this.emit({ type: 'playbackFailed', playback: id, failure: ALREADY_PLAYING });
      return;
    }
    const player = new Player(sampleRate, request.maxDurationMs ?? 0, {
      started: (durationMs) => this.emit({ type: 'playbackStarted', playback: id, durationMs }),
      finished: (result) => {
        this.#player = undefined;
        this.emit({ type: 'playbackFinished', playback: id, result });
      },
      failed: (failure) => {
        this.#player = undefined;
        this.emit({ type: 'playbackFailed', playback: id, failure });
      },
    });
    this.#player = { id, player, mix: request.mix === true };
    openSource(request, sampleRate, this.files, player);
  }

  control(id: number, control: 'pause' | 'resume'): void {
    if (this.#player?.id === id) this.#player.player[control]();
  }

  /** Stops one playback, or without an id whichever runs. */
  stop(reason: PlaybackEnd, id = this.#player?.id): void {
    if (this.#player?.id === id) this.#player?.player.stop(reason);
  }

  beep(sampleRate: number): void {
    this.#beep = createBeep(sampleRate);
  }

  /** The next frame, valid until the next call; undefined is silence. One that was sent is reported by `frameSent`. */
  next(count: number, sampleRate: number): Int16Array | undefined {
    this.#playing = undefined;
    this.#fromPeers = false;
    if (this.#beep?.done) this.#beep = undefined;
    if (this.digits.fill(frame, count)) return frame;
    const player = this.#beep ?? this.#player?.player;
    const pcm = player && this.#fill(player, count, sampleRate);
    if (!pcm) {
      this.#fromPeers = this.bridges.fill(frame, count, sampleRate);
      return this.#fromPeers ? frame : undefined;
    }
    this.#playing = player;
    if (this.#player?.mix && player === this.#player.player) this.#addPeers(pcm, count, sampleRate);
    return pcm;
  }

  /** The packet that a bridged peer sent for the last frame, if it can be copied; returns its length, or 0. */
  copyPacket(samples: number, target: Uint8Array, offset: number): number {
    return this.#fromPeers ? this.bridges.copyPacket(samples, target, offset) : 0;
  }

  frameSent(): void {
    this.#playing?.frameSent();
  }

  #addPeers(pcm: Int16Array, count: number, sampleRate: number): void {
    if (!this.bridges.fill(peers, count, sampleRate)) return;
    for (let index = 0; index < count; index++) pcm[index] = limited(pcm[index] + peers[index]);
  }

  #fill(player: Player, count: number, sampleRate: number): Int16Array | undefined {
    if (player.sampleRate === sampleRate) return player.fill(frame, count) ? frame : undefined;
    // The codec changed since the playback began.
    const wanted = RateAdapter.count(count, sampleRate, player.sampleRate);
    if (!player.fill(frame, wanted)) return undefined;
    this.#adapter ??= new RateAdapter();
    return this.#adapter.convert(frame, wanted, player.sampleRate, sampleRate);
  }
}

const ALREADY_PLAYING: Failure = {
  code: 'CALL_STATE',
  message: 'This call is already playing something. Stop it first, or wait until it is finished.',
};
