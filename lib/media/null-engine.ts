import { SipflowError } from '../common';
import { deferred } from './deferred';
import { PortPool } from './port-pool';
import { RunningHandle, type PlaybackHandle, type RecordingHandle } from './running-handle';
import type {
  AudioInfo,
  Listening,
  ListenResult,
  MediaBridge,
  MediaBridgeEnd,
  MediaEngine,
  MediaParameters,
  MediaPort,
  MediaSession,
  MediaStatistics,
  Playback,
  PlaybackEnd,
  PortRequest,
  Recording,
} from './types';

/**
 * An engine without sockets, threads and files, for signalling-only use and benchmarks: ports are numbers,
 * digits are out at once, a playback lasts until it is stopped or the call ends. Recordings cannot be had.
 */
export class NullMediaEngine implements MediaEngine {
  readonly #pool = new PortPool();

  async reserve(request: PortRequest): Promise<MediaPort> {
    const rtpPort = this.#pool.take(request);
    return new NullPort(request.address, rtpPort, () => this.#pool.free(rtpPort));
  }

  async probe(): Promise<AudioInfo> {
    throw noMedia();
  }

  async prepare(): Promise<never> {
    throw noMedia();
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }
}

class NullPort implements MediaPort {
  readonly rtcpPort: number;
  #opened = false;

  constructor(
    readonly address: string,
    readonly rtpPort: number,
    private readonly free: () => void,
  ) {
    this.rtcpPort = rtpPort + 1;
  }

  open(parameters: MediaParameters): MediaSession {
    if (this.#opened) throw new SipflowError('CALL_STATE', 'A media port can be opened once.');
    this.#opened = true;
    return new NullSession(parameters, this.free);
  }

  async release(): Promise<void> {
    if (!this.#opened) this.free();
    this.#opened = true;
  }
}

class NullSession implements MediaSession {
  #playback: { handle: PlaybackHandle } | undefined;
  #bridge: ((reason: MediaBridgeEnd) => void) | undefined;
  #closed = false;

  constructor(
    public parameters: MediaParameters,
    private readonly free: () => void,
  ) {}

  on(): () => void {
    return () => undefined;
  }

  update(parameters: MediaParameters): void {
    this.parameters = parameters;
  }

  play(): Playback {
    const handle: PlaybackHandle = new RunningHandle({
      stop: (reason) => this.stopSending(reason),
      pause: () => undefined,
      resume: () => undefined,
    });
    if (this.#playback || this.#closed) handle.onFailed(noMedia());
    else {
      this.#playback = { handle };
      handle.onStarted({ durationMs: 0 });
    }
    return handle;
  }

  record(): Recording {
    const control = { stop: () => undefined, pause: () => undefined, resume: () => undefined };
    const handle: RecordingHandle = new RunningHandle(control);
    handle.onFailed(noMedia());
    return handle;
  }

  listen(): Listening {
    const finished = deferred<ListenResult>();
    finished.reject(noMedia());
    return { finished: finished.promise, references: () => undefined, stop: () => undefined };
  }

  answered(): void {}

  bridge(peer: MediaSession): MediaBridge {
    if (!(peer instanceof NullSession) || peer === this || this.#bridge || peer.#bridge) throw noMedia();
    const finished = deferred<MediaBridgeEnd>();
    const end = (reason: MediaBridgeEnd): void => {
      this.#bridge = undefined;
      peer.#bridge = undefined;
      finished.resolve(reason);
    };
    this.#bridge = end;
    peer.#bridge = end;
    return { finished: finished.promise, stop: () => end('stopped') };
  }

  async sendDigits(): Promise<void> {
    return Promise.resolve();
  }

  async statistics(): Promise<MediaStatistics> {
    return {
      sent: { packets: 0, bytes: 0 },
      received: { packets: 0, bytes: 0, lost: 0, duplicates: 0, outOfOrder: 0, jitterMs: 0, discarded: 0 },
      skippedTicks: 0,
      maxLagMs: 0,
      receivedLevelDbfs: -Infinity,
      ssrc: 0,
    };
  }

  async capture(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  stopSending(reason: PlaybackEnd): void {
    const playback = this.#playback;
    this.#playback = undefined;
    playback?.handle.onFinished({ reason, durationMs: 0, playedMs: 0 });
  }

  async finishRecordings(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<MediaStatistics> {
    this.#bridge?.('closed');
    this.stopSending('hangup');
    if (!this.#closed) this.free();
    this.#closed = true;
    return this.statistics();
  }
}

function noMedia(): SipflowError {
  return new SipflowError('CALL_STATE', 'This engine runs signalling only; it has no audio and no files.');
}
