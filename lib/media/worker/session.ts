import { SipflowError, toSipflowError, type Failure } from '../../common/errors';
import type { DigitSink } from '../../dtmf/rfc4733-receiver';
import type { MediaEvent } from '../protocol';
import { meanOpinionScore, mouthToEarMs } from '../quality';
import type {
  MediaParameters,
  MediaStatistics,
  PlaybackEnd,
  PlaybackResult,
  PlayRequest,
  RecordingEnd,
  RecordRequest,
  SendDigitsRequest,
} from '../types';
import type { BoundPort } from './bound-port';
import { DigitsOut } from './digits-out';
import type { FileClient } from './file-client';
import { createFrameCodec, type FrameCodec } from './frame-codec';
import { Inbound } from './inbound';
import { openSource } from './open-source';
import { Outbound } from './outbound';
import { createBeep } from './beep';
import { Player } from './player';
import { RateAdapter } from './rate-adapter';
import { Recorder } from './recorder';
import { RtcpLink } from './rtcp-link';
import { Security } from './security';
import { SilenceWatch } from './silence-watch';
import type { WheelDriver } from './wheel-driver';
import type { WheelEntry } from './wheel';

/** Recordings of one call at the same time. */
const MAX_RECORDINGS = 8;
/** How long `close` waits for the disk. */
const CLOSE_PATIENCE_MS = 2000;
/** Errors that a socket may report before the session is given up. */
const MAX_SOCKET_FAULTS = 50;

/** The address of an old-style hold (RFC 3264, 8.4). */
const NOWHERE = /^(::ffff:)?0\.0\.0\.0$|^::$/;

/** Shared by all sessions of the thread: a frame is sent before the next one is made. */
const frame = new Int16Array(4096);

/** What a session needs of its thread. */
export interface SessionContext {
  wheel: WheelDriver;
  files: FileClient;
  emit(event: MediaEvent): void;
}

type EventWithoutPort = MediaEvent extends infer Event
  ? Event extends MediaEvent
    ? Omit<Event, 'port'>
    : never
  : never;

/**
 * One RTP session in the worker: everything of it happens on its wheel entry, once per packet time, and
 * when a packet arrives. Its clock is milliseconds since `openedAt`, the first deadline.
 */
export class Session implements WheelEntry {
  due: number;
  readonly #openedAt: number;
  readonly #outbound: Outbound;
  readonly #inbound: Inbound;
  readonly #security = new Security();
  readonly #rtcp: RtcpLink;
  readonly #silence: SilenceWatch;
  readonly #digits = new DigitsOut();
  readonly #recorders = new Map<number, Recorder>();
  #parameters: MediaParameters;
  #codec: FrameCodec;
  #player: { id: number; player: Player } | undefined;
  /** Goes before the playback, which keeps its position. */
  #beep: Player | undefined;
  #adapter: RateAdapter | undefined;
  #maySend = false;
  #samplesPerPacket = 0;
  #unitsPerPacket = 0;
  #skippedTicks = 0;
  #maxLagMs = 0;
  #socketFaults = 0;
  #ending = false;
  #broken = false;
  #onRecorderOver: (() => void) | undefined;

  constructor(
    private readonly id: number,
    private readonly port: BoundPort,
    parameters: MediaParameters,
    private readonly context: SessionContext,
  ) {
    this.due = context.wheel.quietest(parameters.ptimeMs);
    this.#openedAt = this.due;
    this.#parameters = this.#onTheWire(parameters);
    this.#codec = createFrameCodec(parameters.codec.name);
    this.#security.configure(parameters);
    this.#outbound = new Outbound((packet, length) => this.#sendRtp(packet, length));
    this.#inbound = new Inbound(this.#openedAt, this.#security, {
      digits: this.#digitSink(),
      receiving: () => this.#emit({ type: 'receiving' }),
      recording: () => this.#recorders.size > 0,
      recorded: (...audio) => {
        for (const recorder of this.#recorders.values()) recorder.writeReceived(...audio);
      },
      heard: () => undefined,
      rtcp: (packet, address) => this.#rtcp.accept(packet, address),
    });
    this.#rtcp = new RtcpLink(
      port,
      this.#inbound,
      this.#security,
      this.#outbound,
      this.#parameters,
      this.due,
    );
    this.#silence = new SilenceWatch(this.due);
    this.#configure(this.#parameters);
    port.onFault = (error) => this.#onSocketFault(error);
    port.open(
      (packet, address, from, arrival) => this.#onRtp(packet, address, from, arrival),
      (packet, address) => this.#rtcp.accept(packet, address),
    );
    context.wheel.add(this);
  }

  update(parameters: MediaParameters): void {
    const codec = createFrameCodec(parameters.codec.name);
    this.#security.configure(parameters);
    // The coder keeps its memory when the codec stays.
    if (codec.name !== this.#codec.name) this.#codec = codec;
    this.#parameters = this.#onTheWire(parameters);
    this.#configure(this.#parameters);
  }

  play(id: number, request: PlayRequest): void {
    const listener = {
      started: (durationMs: number) => this.#emit({ type: 'playbackStarted', playback: id, durationMs }),
      finished: (result: PlaybackResult) => {
        this.#player = undefined;
        this.#emit({ type: 'playbackFinished', playback: id, result });
      },
      failed: (failure: Failure) => {
        if (this.#player?.id === id) this.#player = undefined;
        this.#emit({ type: 'playbackFailed', playback: id, failure });
      },
    };
    if (this.#ending) return listener.failed(ENDED);
    if (this.#player) return listener.failed(ALREADY_PLAYING);
    const player = new Player(this.#codec.sampleRate, request.maxDurationMs ?? 0, listener);
    this.#player = { id, player };
    openSource(request, this.#codec.sampleRate, this.context.files, player);
  }

  controlPlayback(id: number, control: 'pause' | 'resume'): void {
    if (this.#player?.id === id) this.#player.player[control]();
  }

  stopPlayback(id: number, reason: PlaybackEnd): void {
    if (this.#player?.id === id) this.#player.player.stop(reason);
  }

  record(id: number, request: RecordRequest): void {
    const over = (): void => {
      this.#recorders.delete(id);
      this.#onRecorderOver?.();
    };
    const failed = (failure: Failure): void => {
      over();
      this.#emit({ type: 'recordingFailed', recording: id, failure });
    };
    if (this.#ending) return failed(ENDED);
    if (this.#recorders.size >= MAX_RECORDINGS) return failed(TOO_MANY_RECORDINGS);
    const recorder = new Recorder(this.context.files, request, this.#codec.sampleRate, this.#nowMs(), {
      started: (file) => this.#emit({ type: 'recordingStarted', recording: id, file }),
      finished: (result) => {
        over();
        this.#emit({ type: 'recordingFinished', recording: id, result });
      },
      failed,
    });
    this.#recorders.set(id, recorder);
    if (request.beep) this.#beep = createBeep(this.#codec.sampleRate);
  }

  controlRecording(id: number, control: 'pause' | 'resume'): void {
    this.#recorders.get(id)?.[control](this.#nowMs());
  }

  stopRecording(id: number, reason: RecordingEnd): void {
    this.#recorders.get(id)?.stop(reason, this.#nowMs());
  }

  sendDigits(request: SendDigitsRequest, done: (failure?: Failure) => void): void {
    if (this.#ending) done(ENDED);
    else this.#digits.send(request, done);
  }

  stopSending(reason: PlaybackEnd): void {
    this.#ending = true;
    this.#player?.player.stop(reason);
    this.#digits.stop(ENDED);
  }

  /** Resolves when every recording is final (or failed). */
  finishRecordings(reason: RecordingEnd): Promise<void> {
    for (const recorder of this.#recorders.values()) recorder.stop(reason, this.#nowMs());
    if (this.#recorders.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#onRecorderOver;
      this.#onRecorderOver = () => {
        before?.();
        if (this.#recorders.size === 0) resolve();
      };
    });
  }

  /** Says goodbye, closes the sockets and returns the final figures; nothing is emitted afterwards. */
  async close(): Promise<MediaStatistics> {
    this.stopSending('hangup');
    await this.#finishWithPatience();
    this.context.wheel.remove(this);
    this.due = Infinity;
    this.#inbound.flush();
    this.#rtcp.goodbye(performance.now());
    await this.port.close();
    return this.statistics();
  }

  statistics(): MediaStatistics {
    const inbound = this.#inbound;
    const { sequences, jitter, drift, playout } = inbound;
    const losses = playout.losses.figures(this.#parameters.ptimeMs);
    const { rttMs } = this.#rtcp;
    const { ptimeMs, codec } = this.#parameters;
    const delayMs = mouthToEarMs({ rttMs, jitterBufferMs: playout.delayMs, ptimeMs, codec: codec.name });
    const { lossShare, burstRatio } = losses;
    const heard = { lossShare, burstRatio, delayMs, concealment: true, codec: codec.name };
    return {
      sent: { packets: this.#outbound.packets, bytes: this.#outbound.octets },
      received: {
        packets: sequences.received,
        bytes: inbound.bytes,
        lost: sequences.lost,
        late: playout.late,
        duplicates: sequences.duplicates,
        outOfOrder: sequences.outOfOrder,
        jitterMs: jitter.ms,
        jitterBufferMs: playout.delayMs,
        discarded: inbound.discarded,
        burstRatio,
        clockDriftPpm: drift.ppm,
      },
      mos: losses.expected > 0 ? meanOpinionScore(heard) : undefined,
      rttMs,
      skippedTicks: this.#skippedTicks,
      maxLagMs: this.#maxLagMs,
      receivedLevelDbfs: inbound.levelDbfs,
      ssrc: this.#outbound.ssrc,
      remoteSsrc: inbound.remoteSsrc,
    };
  }

  /** One packet time. */
  onDue(now: number): void {
    try {
      this.#tick(now);
    } catch (error) {
      this.#onDefect(error);
      this.due = Infinity;
    }
  }

  #tick(now: number): void {
    const { ptimeMs } = this.#parameters;
    const late = now - this.due;
    if (late > this.#maxLagMs) this.#maxLagMs = late;
    if (late >= ptimeMs) this.#skip(Math.floor(late / ptimeMs));
    if (this.#maySend) this.#sendFrame();
    else this.#outbound.markNext();
    const nowMs = now - this.#openedAt;
    for (const recorder of this.#recorders.values()) recorder.tick(nowMs);
    this.#inbound.tick(this.due, now);
    this.#rtcp.tick(now);
    if (this.#silence.check(now, this.#inbound.lastPacketAt)) this.#emit({ type: 'rtpTimeout' });
    this.#outbound.advance(this.#unitsPerPacket);
    this.due += ptimeMs;
  }

  /** Deadlines that were missed by a whole packet time are not made up for: the clock moves over them (pitfall 5). */
  #skip(ticks: number): void {
    this.#skippedTicks += ticks;
    this.due += ticks * this.#parameters.ptimeMs;
    this.#outbound.advance(ticks * this.#unitsPerPacket);
    this.#outbound.markNext();
  }

  #sendFrame(): void {
    if (this.#digits.tick(this.#outbound)) return;
    if (this.#beep?.done) this.#beep = undefined;
    const player = this.#beep ?? this.#player?.player;
    const { sendPayloadType } = this.#parameters.codec;
    const pcm = player && this.#fill(player);
    if (!pcm) {
      this.#outbound.sendSilence(this.#codec, sendPayloadType, this.#samplesPerPacket);
      return;
    }
    this.#outbound.sendAudio(this.#codec, sendPayloadType, pcm, this.#samplesPerPacket);
    const atMs = this.due - this.#openedAt;
    for (const recorder of this.#recorders.values()) {
      recorder.writeSent(pcm, this.#samplesPerPacket, this.#codec.sampleRate, atMs);
    }
    player.frameSent();
  }

  /** The next frame of a playback, or undefined when it has none now. */
  #fill(player: Player): Int16Array | undefined {
    const count = this.#samplesPerPacket;
    const { sampleRate } = this.#codec;
    if (player.sampleRate === sampleRate) return player.fill(frame, count) ? frame : undefined;
    // The codec changed since the playback began.
    const wanted = RateAdapter.count(count, sampleRate, player.sampleRate);
    if (!player.fill(frame, wanted)) return undefined;
    this.#adapter ??= new RateAdapter();
    return this.#adapter.convert(frame, wanted, player.sampleRate, sampleRate);
  }

  #configure(parameters: MediaParameters): void {
    const { direction, ptimeMs, remote } = parameters;
    const mayReach = remote.rtpPort > 0 && !NOWHERE.test(remote.address);
    this.#maySend = mayReach && (direction === 'sendrecv' || direction === 'sendonly');
    this.#samplesPerPacket = Math.round((this.#codec.sampleRate * ptimeMs) / 1000);
    this.#unitsPerPacket = Math.round((this.#codec.clockRate * ptimeMs) / 1000);
    this.#inbound.configure(parameters);
    this.#digits.configure(parameters);
    this.#rtcp.configure(parameters, this.#codec.clockRate);
    this.#silence.configure(parameters);
  }

  #sendRtp(packet: Uint8Array, length: number): void {
    const { address, port } = this.#inbound.source;
    const secured = this.#security.sender?.protectRtp(packet, length) ?? length;
    // What cannot be protected is not sent at all.
    if (secured > 0) this.port.sendRtp(packet, secured, port, address);
  }

  #digitSink(): DigitSink {
    return {
      start: (digit) => this.#emit({ type: 'digitStart', digit, method: 'rfc4733' }),
      digit: (digit, startedAt, durationMs) => {
        const atMs = Math.max(0, Math.round(startedAt - this.#openedAt));
        const received = { digit, method: 'rfc4733', atMs, durationMs: Math.round(durationMs) } as const;
        this.#emit({ type: 'digit', digit: received });
      },
    };
  }

  #onRtp(packet: Uint8Array, address: string, from: number, arrival: number): void {
    try {
      this.#inbound.accept(packet, address, from, arrival);
    } catch (error) {
      this.#onDefect(error);
    }
  }

  /** A defect that one call meets must not end the thread, which has many. */
  #onDefect(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    const message = `A defect of the media engine ended this call's audio: ${toSipflowError(error).message}.`;
    this.#emit({ type: 'failed', failure: { code: 'INTERNAL', message } });
  }

  #onTheWire(parameters: MediaParameters): MediaParameters {
    const { remote } = parameters;
    return { ...parameters, remote: { ...remote, address: this.port.wireAddress(remote.address) } };
  }

  #onSocketFault(error: Error): void {
    if (++this.#socketFaults !== MAX_SOCKET_FAULTS) return;
    const failure = new SipflowError('TRANSPORT', `The RTP socket of this call failed: ${error.message}.`);
    this.#emit({ type: 'failed', failure: failure.toFailure() });
  }

  async #finishWithPatience(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_PATIENCE_MS)));
    await Promise.race([this.finishRecordings('hangup'), patience]);
    clearTimeout(timer);
  }

  /** Milliseconds on the session's clock. */
  #nowMs(): number {
    return performance.now() - this.#openedAt;
  }

  #emit(event: EventWithoutPort): void {
    this.context.emit({ ...event, port: this.id });
  }
}

const ENDED: Failure = {
  code: 'CALL_ENDED',
  message: 'The call is ending; nothing more can be sent or recorded.',
};
const ALREADY_PLAYING: Failure = {
  code: 'CALL_STATE',
  message: 'This call is already playing something. Stop it first, or wait until it is finished.',
};
const TOO_MANY_RECORDINGS: Failure = {
  code: 'CALL_STATE',
  message: `This call already has ${MAX_RECORDINGS} recordings running.`,
};
