import { type Failure, SafeEmitter, SipflowError } from '../common';
import { Bridge, relayDigits, type BridgeParty } from './bridge-handle';
import { capturedMedia } from './captured-media';
import { deferred, type Deferred } from './deferred';
import type { BridgeWiring, MediaEvent, MediaNotices, MediaRequests } from './protocol';
import { RunningHandle, type PlaybackHandle, type RecordingHandle } from './running-handle';
import type {
  BridgeOptions,
  CapturedMedia,
  Listening,
  ListenRequest,
  ListenResult,
  MediaBridge,
  MediaParameters,
  MediaSession,
  MediaSessionEvents,
  MediaStatistics,
  Playback,
  PlaybackEnd,
  PlayRequest,
  Recording,
  RecordingEnd,
  RecordRequest,
  SendDigitsRequest,
} from './types';
import type { WorkerLink } from './worker-link';

export type MediaWorkerLink = WorkerLink<MediaRequests, MediaNotices, MediaEvent>;

const NOTHING_YET: MediaStatistics = {
  sent: { packets: 0, bytes: 0 },
  received: { packets: 0, bytes: 0, lost: 0, duplicates: 0, outOfOrder: 0, jitterMs: 0, discarded: 0 },
  skippedTicks: 0,
  maxLagMs: 0,
  receivedLevelDbfs: -Infinity,
  ssrc: 0,
};

/** Emitter of the worker's events; only this file may emit. */
class SessionEmitter extends SafeEmitter<MediaSessionEvents> {
  override emit<K extends keyof MediaSessionEvents>(event: K, ...args: MediaSessionEvents[K]): void {
    super.emit(event, ...args);
  }
}

/** The main thread's handle of a session: every method is a message, every event came as one. */
export class SessionHandle implements MediaSession, BridgeParty {
  readonly #emitter = new SessionEmitter();
  readonly #playbacks = new Map<number, PlaybackHandle>();
  readonly #recordings = new Map<number, RecordingHandle>();
  readonly #listenings = new Map<number, Deferred<ListenResult>>();
  #parameters: MediaParameters;
  readonly #bridges = new Set<Bridge>();
  readonly #atEnd = new Set<() => void>();
  readonly #captures: boolean;
  #lastId = 0;
  #lastStatistics = NOTHING_YET;
  #closing: Promise<MediaStatistics> | undefined;

  /**
   * @param onClosed the sockets are gone (also when the worker died): the pair may be used again.
   */
  constructor(
    private readonly port: number,
    private readonly link: MediaWorkerLink,
    /** Sessions of one engine can be bridged. */
    readonly engine: object,
    parameters: MediaParameters,
    private readonly onClosed: () => void,
  ) {
    this.#parameters = parameters;
    this.#captures = parameters.capture !== undefined;
    link.notify('open', { port, parameters });
  }

  get parameters(): MediaParameters {
    return this.#parameters;
  }

  /** @internal whether its audio is joined with that of others, or about to be. */
  get bridged(): boolean {
    return this.#bridges.size > 0 || this.#atEnd.size > 0;
  }

  /** @internal whether the session is closed or lost. */
  get isOver(): boolean {
    return this.#closing !== undefined || this.link.gone;
  }

  on<K extends keyof MediaSessionEvents>(
    event: K,
    listener: (...args: MediaSessionEvents[K]) => void,
  ): () => void {
    return this.#emitter.on(event, listener);
  }

  update(parameters: MediaParameters): void {
    const isOtherCodec =
      parameters.codec.name !== this.#parameters.codec.name ||
      parameters.ptimeMs !== this.#parameters.ptimeMs;
    this.#parameters = parameters;
    this.link.notify('update', { port: this.port, parameters });
    if (isOtherCodec) for (const bridge of this.#bridges) bridge.rewire();
  }

  play(request: PlayRequest): Playback {
    const playback = ++this.#lastId;
    const { port, link } = this;
    const handle: PlaybackHandle = new RunningHandle({
      stop: (reason) => link.notify('stopPlayback', { port, playback, reason }),
      pause: () => link.notify('controlPlayback', { port, playback, control: 'pause' }),
      resume: () => link.notify('controlPlayback', { port, playback, control: 'resume' }),
    });
    if (this.isOver) handle.onFailed(closed());
    else {
      this.#playbacks.set(playback, handle);
      link.notify('play', { port, playback, request });
    }
    return handle;
  }

  record(request: RecordRequest): Recording {
    const recording = ++this.#lastId;
    const { port, link } = this;
    const handle: RecordingHandle = new RunningHandle({
      stop: (reason) => link.notify('stopRecording', { port, recording, reason }),
      pause: () => link.notify('controlRecording', { port, recording, control: 'pause' }),
      resume: () => link.notify('controlRecording', { port, recording, control: 'resume' }),
    });
    if (this.isOver) handle.onFailed(closed());
    else {
      this.#recordings.set(recording, handle);
      link.notify('record', { port, recording, request });
    }
    return handle;
  }

  listen(request: ListenRequest): Listening {
    const listening = ++this.#lastId;
    const { port, link } = this;
    const finished = deferred<ListenResult>();
    if (this.isOver) finished.reject(closed());
    else {
      this.#listenings.set(listening, finished);
      link.notify('listen', { port, listening, request });
    }
    return {
      finished: finished.promise,
      references: (references) => link.notify('listenReferences', { port, listening, references }),
      stop: () => link.notify('stopListening', { port, listening }),
    };
  }

  answered(agoMs: number): void {
    const isHeard = this.#parameters.remember === true || this.#listenings.size > 0;
    if (isHeard) this.link.notify('answered', { port: this.port, agoMs });
  }

  bridge(peer: MediaSession, options: BridgeOptions = {}): MediaBridge {
    if (!(peer instanceof SessionHandle)) throw notOfOneEngine();
    if (this.bridged || peer.bridged) {
      throw new SipflowError('CALL_STATE', 'One of the calls is bridged already; end that bridge first.');
    }
    const bridge = this.connect(peer);
    if (options.digits) void bridge.finished.then(relayDigits(this, peer));
    return bridge;
  }

  /**
   * Joins the audio of two sessions, of which each may have other bridges too.
   *
   * @internal for conferences. Throws CALL_STATE and CALL_ENDED as `bridge` does.
   */
  connect(peer: SessionHandle): Bridge {
    if (peer === this || peer.engine !== this.engine) throw notOfOneEngine();
    if (this.isOver || peer.isOver) throw closed();
    return new Bridge(this, peer);
  }

  /** @internal for conferences: calls back once, before the session's bridges end with it. */
  onEnd(listener: () => void): () => void {
    this.#atEnd.add(listener);
    return () => this.#atEnd.delete(listener);
  }

  /** @internal for the bridge. */
  wire(bridge: Bridge, wiring: BridgeWiring): void {
    this.#bridges.add(bridge);
    this.link.notify('bridge', { port: this.port, leg: bridge.id, wiring });
  }

  /** @internal for the bridge. */
  unwire(bridge: Bridge): void {
    this.#bridges.delete(bridge);
    this.link.notify('unbridge', { port: this.port, leg: bridge.id });
  }

  async sendDigits(request: SendDigitsRequest): Promise<void> {
    if (this.isOver) throw closed();
    await this.link.request('sendDigits', { port: this.port, request });
  }

  async statistics(): Promise<MediaStatistics> {
    if (this.#closing) return this.#closing;
    if (!this.link.gone) {
      this.#lastStatistics = await this.link.request('statistics', { port: this.port });
    }
    return this.#lastStatistics;
  }

  async capture(): Promise<CapturedMedia | undefined> {
    if (!this.#captures || this.link.gone) return undefined;
    try {
      const kept = await this.link.request('capture', { port: this.port });
      return kept ? capturedMedia(kept) : undefined;
    } catch {
      // The worker is gone, and the packets with it.
      return undefined;
    }
  }

  stopSending(reason: PlaybackEnd): void {
    this.link.notify('stopSending', { port: this.port, reason });
  }

  async finishRecordings(reason: RecordingEnd): Promise<void> {
    if (this.isOver) return;
    try {
      await this.link.request('finishRecordings', { port: this.port, reason });
    } catch {
      // The worker is gone: `failed` was emitted, and the file worker has closed the files.
    }
  }

  close(): Promise<MediaStatistics> {
    this.#endBridges();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Dispatches an event of the worker to its handle or emits it. */
  onEvent(event: MediaEvent): void {
    switch (event.type) {
      case 'digitStart':
        return this.#emitter.emit('digitStart', event.digit, event.method);
      case 'digit':
        return this.#emitter.emit('digit', event.digit);
      case 'receiving':
      case 'rtpTimeout':
        return this.#emitter.emit(event.type);
      case 'statistics':
        return this.#emitter.emit('statistics', event.figures);
      case 'rtcp':
        return this.#emitter.emit('rtcp', event.packet);
      case 'failed':
        return this.#emitter.emit('failed', event.failure);
      case 'playbackStarted':
        return this.#playbacks.get(event.playback)?.onStarted({ durationMs: event.durationMs });
      case 'playbackFinished':
        this.#playbacks.get(event.playback)?.onFinished(event.result);
        this.#playbacks.delete(event.playback);
        return;
      case 'playbackFailed':
        this.#playbacks.get(event.playback)?.onFailed(toError(event.failure));
        this.#playbacks.delete(event.playback);
        return;
      case 'recordingStarted':
        return this.#recordings.get(event.recording)?.onStarted({ file: event.file });
      case 'recordingFinished':
        this.#recordings.get(event.recording)?.onFinished(event.result);
        this.#recordings.delete(event.recording);
        return;
      case 'recordingFailed':
        this.#recordings.get(event.recording)?.onFailed(toError(event.failure));
        this.#recordings.delete(event.recording);
        return;
      case 'listened':
        this.#listenings.get(event.listening)?.resolve(event.result);
        this.#listenings.delete(event.listening);
        return;
      case 'listenFailed':
        this.#listenings.get(event.listening)?.reject(toError(event.failure));
        this.#listenings.delete(event.listening);
        return;
    }
  }

  /** The worker ended by itself: running playbacks and recordings have failed. */
  workerClosed(cause: SipflowError): void {
    this.#abandon(cause);
    this.#endBridges();
    if (!this.#closing) this.#emitter.emit('failed', cause.toFailure());
  }

  async #close(): Promise<MediaStatistics> {
    try {
      this.#lastStatistics = (await this.link.request('close', { port: this.port })) ?? this.#lastStatistics;
    } catch {
      // The worker is gone and the sockets with it; the last known figures have to do.
    }
    this.#abandon(closed());
    this.#emitter.removeAllListeners();
    this.onClosed();
    return this.#lastStatistics;
  }

  /** Rejects the playbacks, recordings and listenings that the worker can no longer settle. */
  #abandon(error: SipflowError): void {
    for (const playback of this.#playbacks.values()) playback.onFailed(error);
    for (const recording of this.#recordings.values()) recording.onFailed(error);
    for (const listening of this.#listenings.values()) listening.reject(error);
    this.#playbacks.clear();
    this.#listenings.clear();
    this.#recordings.clear();
  }

  #endBridges(): void {
    for (const listener of this.#atEnd) listener();
    this.#atEnd.clear();
    for (const bridge of [...this.#bridges]) bridge.end('closed');
  }
}

function notOfOneEngine(): SipflowError {
  return new SipflowError('CALL_STATE', 'Only calls of one engine can be joined, and each once.');
}

function closed(): SipflowError {
  return new SipflowError('CALL_ENDED', 'The media session of this call is closed.');
}

function toError(failure: Failure): SipflowError {
  return new SipflowError(failure.code, failure.message);
}
