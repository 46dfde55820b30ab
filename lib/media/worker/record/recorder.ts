import type { Failure } from '../../../common';
import { BLOCK_BYTES, BLOCK_MS, MAX_QUEUED_MS, type FileEvent } from '../../files/protocol';
import type { RecordingEnd, RecordingResult, RecordRequest } from '../../types';
import type { FileClient } from '../file-client';
import { RateAdapter } from '../play/rate-adapter';
import { ReceivedTrack } from './received-track';
import { Tape } from './tape';

/** Listener of a recorder: `started` when the file exists, then exactly one of the others. */
export interface RecorderListener {
  started(file: string): void;
  finished(result: RecordingResult): void;
  failed(failure: Failure): void;
}

const BYTES_PER_SAMPLE = 2;
/** Reordering window: later audio misses its place in the file. As long as the longest default jitter buffer delay. */
const REORDER_WINDOW_MS = 200;
const DEFAULT_SILENCE_DBFS = -40;
/** Longest audio behind the moment of the end that is still written: as far as packets may be ahead of the clock. */
const LONGEST_TAIL_MS = 500;

/**
 * One recording. Times are milliseconds on the session's clock, so its length follows the wall clock even
 * when the peer sends nothing. Blocks go to the file worker every 500 ms or 64 KiB; what the disk cannot take
 * within 4 s is replaced by silence of the same length and counted.
 */
export class Recorder {
  /** Milliseconds of audio that the disk was too slow for. */
  overflowMs = 0;
  readonly #tape: Tape;
  readonly #received: ReceivedTrack;
  #sentAdapter: RateAdapter | undefined;
  #receivedAdapter: RateAdapter | undefined;
  readonly #id: number;
  readonly #frameBytes: number;
  readonly #window: number;
  readonly #watchesSilence: boolean;
  readonly #silenceThreshold: number;
  #blockFrames: number;
  #start: number;
  #heardAt: number;
  /** End of the audio written so far. */
  #audioEnd = 0;
  #pausedAt: number | undefined;
  #queuedBytes = 0;
  #droppedFrames = 0;
  #reason: RecordingEnd | undefined;
  #over = false;

  /**
   * @param startMs the session's clock now.
   * @param stagger 0–1: makes the first block shorter, so that recordings do not write all at once.
   */
  constructor(
    private readonly files: FileClient,
    private readonly request: RecordRequest,
    private readonly sampleRate: number,
    startMs: number,
    private readonly listener: RecorderListener,
    stagger: number = Math.random(),
  ) {
    this.#start = this.#samples(startMs);
    this.#heardAt = this.#start;
    this.#tape = new Tape(request.channels, sampleRate, this.#start);
    this.#received = new ReceivedTrack(sampleRate, this.#start, (pcm, count, at) =>
      this.#keepReceived(pcm, count, at),
    );
    this.#frameBytes = BYTES_PER_SAMPLE * this.#tape.channelCount;
    this.#window = this.#samples(REORDER_WINDOW_MS);
    this.#blockFrames = Math.ceil(this.#wholeBlock() * (0.2 + 0.8 * stagger));
    this.#watchesSilence = (request.silenceStopMs ?? 0) > 0;
    this.#silenceThreshold = 32768 * 10 ** ((request.silenceLevelDbfs ?? DEFAULT_SILENCE_DBFS) / 20);
    this.#id = files.create({ file: request.file, channels: this.#tape.channelCount, sampleRate }, (event) =>
      this.#onFileEvent(event),
    );
  }

  /** The file is final, or the recording failed. */
  get over(): boolean {
    return this.#over;
  }

  /** Whether it still takes audio. */
  get recording(): boolean {
    return this.#reason === undefined && !this.#over;
  }

  /** Writes the audio sent at `atMs`; its rate differs from the recording's after a change of codec. */
  writeSent(pcm: Int16Array, count: number, sampleRate: number, atMs: number): void {
    if (!this.recording || this.#pausedAt !== undefined) return;
    const at = this.#samples(atMs);
    this.#cut(at);
    if (sampleRate === this.sampleRate) {
      this.#keepSent(pcm, count, at);
      return;
    }
    this.#sentAdapter ??= new RateAdapter();
    const frame = this.#sentAdapter.convert(pcm, count, sampleRate, this.sampleRate);
    this.#keepSent(frame, RateAdapter.count(count, sampleRate, this.sampleRate), at);
  }

  /**
   * @param position where the packet belongs; `arrival` is when it came. Both are whole samples of that rate since
   *   the session began: fractions would cost a heap number for each packet. The position is on the peer's clock.
   * @param restarted the position is not comparable with those before.
   */
  writeReceived(
    pcm: Int16Array,
    count: number,
    sampleRate: number,
    position: number,
    arrival: number,
    restarted = false,
  ): void {
    if (!this.recording) return;
    if (restarted) this.#received.restart();
    const now = this.#atOwnRate(arrival, sampleRate);
    if (this.#watchesSilence && rms(pcm, count) >= this.#silenceThreshold) this.#heardAt = now;
    if (this.#pausedAt !== undefined) return;
    this.#cut(now);
    const at = this.#atOwnRate(position, sampleRate);
    if (sampleRate === this.sampleRate) {
      this.#received.take(pcm, count, at, now);
      return;
    }
    this.#receivedAdapter ??= new RateAdapter();
    const frame = this.#receivedAdapter.convert(pcm, count, sampleRate, this.sampleRate);
    this.#received.take(frame, RateAdapter.count(count, sampleRate, this.sampleRate), at, now);
  }

  /** Called once per packet time: cuts blocks and ends what is over. */
  tick(nowMs: number): void {
    if (!this.recording || this.#pausedAt !== undefined) return;
    const now = this.#samples(nowMs);
    const { maxDurationMs = 0, silenceStopMs = 0 } = this.request;
    const limit = maxDurationMs > 0 ? this.#start + this.#samples(maxDurationMs) : Infinity;
    if (now >= limit) {
      this.#finish('max-duration', limit);
    } else if (silenceStopMs > 0 && now - this.#heardAt >= this.#samples(silenceStopMs)) {
      this.#finish('silence', now);
    } else {
      this.#cut(now);
    }
  }

  pause(nowMs: number): void {
    if (!this.recording || this.#pausedAt !== undefined) return;
    const now = this.#samples(nowMs);
    this.#flush(now);
    this.#pausedAt = now;
  }

  resume(nowMs: number): void {
    if (!this.recording || this.#pausedAt === undefined) return;
    const now = this.#samples(nowMs);
    this.#tape.skipTo(now);
    this.#start += now - this.#pausedAt;
    this.#heardAt = now;
    this.#pausedAt = undefined;
  }

  stop(reason: RecordingEnd, nowMs: number): void {
    if (!this.recording) return;
    const now = this.#samples(nowMs);
    // A packet's audio lies behind its deadline or arrival, and further when the first one came late.
    const end = Math.max(now, Math.min(this.#audioEnd, now + this.#samples(LONGEST_TAIL_MS)));
    this.#finish(reason, this.#pausedAt ?? this.#withinLimit(end));
  }

  #keepSent(pcm: Int16Array, count: number, position: number): void {
    this.#tape.writeSent(pcm, count, position);
    if (this.request.channels !== 'received') this.#audioEnd = Math.max(this.#audioEnd, position + count);
  }

  #keepReceived(pcm: Int16Array, count: number, position: number): void {
    this.#tape.writeReceived(pcm, count, position);
    if (this.request.channels !== 'sent') this.#audioEnd = Math.max(this.#audioEnd, position + count);
  }

  #withinLimit(end: number): number {
    const { maxDurationMs = 0 } = this.request;
    return maxDurationMs > 0 ? Math.min(end, this.#start + this.#samples(maxDurationMs)) : end;
  }

  #finish(reason: RecordingEnd, end: number): void {
    this.#reason = reason;
    this.#flush(end);
    this.files.finish(this.#id);
  }

  /** Hands over whole blocks. Also before a write: after a stall the tape must make room first. */
  #cut(now: number): void {
    while (now - this.#window - this.#tape.emitted >= this.#blockFrames) {
      this.#emit(this.#blockFrames);
      this.#blockFrames = this.#wholeBlock();
    }
  }

  #flush(end: number): void {
    while (this.#tape.emitted < end) this.#emit(Math.min(end - this.#tape.emitted, this.#wholeBlock()));
  }

  #emit(frames: number): void {
    const block = this.#tape.take(frames);
    const queuedMs = (this.#queuedBytes / this.#frameBytes / this.sampleRate) * 1000;
    if (queuedMs + BLOCK_MS > MAX_QUEUED_MS) {
      this.#droppedFrames += frames;
      this.overflowMs += (frames * 1000) / this.sampleRate;
      return;
    }
    const silence = this.#droppedFrames * this.#frameBytes;
    this.#droppedFrames = 0;
    this.#queuedBytes += block.byteLength;
    this.files.write(this.#id, silence, block.buffer);
  }

  #onFileEvent(event: FileEvent): void {
    if (event.type === 'created') {
      this.listener.started(event.file);
    } else if (event.type === 'written') {
      this.#queuedBytes -= event.bytes;
    } else if (event.type === 'failed') {
      this.#over = true;
      this.listener.failed(event.failure);
    } else if (event.type === 'finished') {
      this.#over = true;
      this.listener.finished({
        reason: this.#reason ?? 'stopped',
        file: event.file,
        durationMs: Math.round((event.dataBytes / this.#frameBytes / this.sampleRate) * 1000),
        bytes: event.dataBytes,
        channels: this.request.channels,
        sampleRate: this.sampleRate,
        ...(this.overflowMs > 0 && { lostMs: this.overflowMs }),
      });
    }
  }

  #atOwnRate(samples: number, sampleRate: number): number {
    return sampleRate === this.sampleRate ? samples : Math.round((samples * this.sampleRate) / sampleRate);
  }

  #samples(ms: number): number {
    return Math.round((ms * this.sampleRate) / 1000);
  }

  #wholeBlock(): number {
    return Math.min(this.#samples(BLOCK_MS), Math.floor(BLOCK_BYTES / this.#frameBytes));
  }
}

/** Level of a frame, 0–32768. */
function rms(pcm: Int16Array, count: number): number {
  let energy = 0;
  for (let index = 0; index < count; index++) energy += pcm[index] * pcm[index];
  return count === 0 ? 0 : Math.sqrt(energy / count);
}
