import { randomUUID } from 'node:crypto';
import { SipflowError, type Failure } from '../../common/errors';
import type { MediaEvent } from '../protocol';
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
import { Player } from './player';
import { Recorder } from './recorder';
import { RtcpSession } from './rtcp-session';
import type { WheelDriver } from './wheel-driver';
import type { WheelEntry } from './wheel';

/** Recordings of one call at the same time. */
const MAX_RECORDINGS = 8;
/** Without another value of the parameters: a peer that is silent for so long is reported. */
const DEFAULT_RTP_TIMEOUT_MS = 20_000;
/** How long `close` waits for the disk. */
const CLOSE_PATIENCE_MS = 2000;
/** Errors that a socket may report before the session is given up. */
const MAX_SOCKET_FAULTS = 50;

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
  readonly #rtcp: RtcpSession;
  readonly #digits = new DigitsOut();
  readonly #recorders = new Map<number, Recorder>();
  #parameters: MediaParameters;
  #codec: FrameCodec;
  #player: { id: number; player: Player } | undefined;
  #maySend = false;
  #samplesPerPacket = 0;
  #unitsPerPacket = 0;
  #skippedTicks = 0;
  #maxLagMs = 0;
  #timeoutReported = false;
  #reportedPackets = 0;
  #socketFaults = 0;
  #ending = false;
  #onRecorderOver: (() => void) | undefined;

  constructor(
    private readonly id: number,
    private readonly port: BoundPort,
    parameters: MediaParameters,
    private readonly context: SessionContext,
  ) {
    this.due = context.wheel.quietest(parameters.ptimeMs);
    this.#openedAt = this.due;
    this.#parameters = parameters;
    this.#codec = createFrameCodec(parameters.codec.name);
    this.#outbound = new Outbound((packet, length) => this.#sendRtp(packet, length));
    this.#inbound = new Inbound(this.#openedAt, {
      receiving: () => this.#emit({ type: 'receiving' }),
      audio: (pcm, count, atMs, arrivalMs, rms) => {
        for (const recorder of this.#recorders.values()) {
          recorder.writeReceived(pcm, count, atMs, arrivalMs, rms);
        }
      },
      rtcp: (packet, address) => this.#onRtcp(packet, address),
      start: (digit) => this.#emit({ type: 'digitStart', digit, method: 'rfc4733' }),
      digit: (digit, startedAt, durationMs) =>
        this.#emit({
          type: 'digit',
          digit: {
            digit,
            method: 'rfc4733',
            atMs: this.#sinceOpen(startedAt),
            durationMs: Math.round(durationMs),
          },
        }),
    });
    this.#rtcp = new RtcpSession(this.#rtcpView(), randomUUID(), this.due);
    this.#configure(parameters);
    port.onFault = (error) => this.#onSocketFault(error);
    port.open(
      (packet, address, from, arrival) => this.#inbound.accept(packet, address, from, arrival),
      (packet, address) => this.#onRtcp(packet, address),
    );
    context.wheel.add(this);
  }

  update(parameters: MediaParameters): void {
    this.#parameters = parameters;
    this.#codec = createFrameCodec(parameters.codec.name);
    this.#configure(parameters);
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
    this.#sendRtcp(performance.now(), true);
    await this.port.close();
    return this.statistics();
  }

  statistics(): MediaStatistics {
    const { sequences } = this.#inbound;
    return {
      sent: { packets: this.#outbound.packets, bytes: this.#outbound.octets },
      received: {
        packets: sequences.received,
        bytes: this.#inbound.bytes,
        lost: sequences.lost,
        duplicates: sequences.duplicates,
        outOfOrder: sequences.outOfOrder,
        jitterMs: this.#inbound.jitter.ms,
        discarded: this.#inbound.discarded,
      },
      rttMs: this.#rtcp.rttMs,
      skippedTicks: this.#skippedTicks,
      maxLagMs: this.#maxLagMs,
      receivedLevelDbfs: this.#inbound.levelDbfs,
      ssrc: this.#outbound.ssrc,
      remoteSsrc: this.#inbound.remoteSsrc,
    };
  }

  /** One packet time. */
  onDue(now: number): void {
    const { ptimeMs } = this.#parameters;
    const late = now - this.due;
    if (late > this.#maxLagMs) this.#maxLagMs = late;
    if (late >= ptimeMs) this.#skip(Math.floor(late / ptimeMs));
    if (this.#maySend) this.#sendFrame();
    else this.#outbound.markNext();
    const nowMs = now - this.#openedAt;
    for (const recorder of this.#recorders.values()) recorder.tick(nowMs);
    this.#inbound.tick(now);
    if (now >= this.#rtcp.nextDue) this.#sendRtcp(now, false);
    this.#watchForTimeout(now);
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
    const player = this.#player?.player;
    const { sendPayloadType } = this.#parameters.codec;
    if (!player?.fill(frame, this.#samplesPerPacket)) {
      this.#outbound.sendSilence(this.#codec, sendPayloadType, this.#samplesPerPacket);
      return;
    }
    this.#outbound.sendAudio(this.#codec, sendPayloadType, frame, this.#samplesPerPacket);
    const atMs = this.due - this.#openedAt;
    for (const recorder of this.#recorders.values()) {
      recorder.writeSent(frame, this.#samplesPerPacket, atMs);
    }
    player.frameSent();
  }

  #configure(parameters: MediaParameters): void {
    const { direction, ptimeMs, remote } = parameters;
    const mayReach = remote.rtpPort > 0 && remote.address !== '0.0.0.0' && remote.address !== '::';
    this.#maySend = mayReach && (direction === 'sendrecv' || direction === 'sendonly');
    this.#samplesPerPacket = Math.round((this.#codec.sampleRate * ptimeMs) / 1000);
    this.#unitsPerPacket = Math.round((this.#codec.clockRate * ptimeMs) / 1000);
    this.#inbound.configure(parameters);
    this.#digits.configure(parameters);
  }

  #watchForTimeout(now: number): void {
    const limit = this.#parameters.rtpTimeoutMs ?? DEFAULT_RTP_TIMEOUT_MS;
    const { direction } = this.#parameters;
    const expects = direction === 'sendrecv' || direction === 'recvonly';
    if (!expects) this.#inbound.lastPacketAt = Math.max(this.#inbound.lastPacketAt, now);
    const silent = limit > 0 && now - this.#inbound.lastPacketAt >= limit;
    if (silent && !this.#timeoutReported) this.#emit({ type: 'rtpTimeout' });
    this.#timeoutReported = silent;
  }

  #sendRtp(packet: Uint8Array, length: number): void {
    const { address, port } = this.#inbound.source;
    this.port.sendRtp(packet, length, port, address);
  }

  #sendRtcp(now: number, bye: boolean): void {
    const { remote, rtcpMux } = this.#parameters;
    const { source } = this.#inbound;
    if (remote.rtcpPort === 0 || source.port === 0) return;
    const packet = this.#rtcp.report(now, Date.now(), bye);
    if (rtcpMux) {
      this.port.sendRtp(packet, packet.length, source.port, source.address);
      return;
    }
    // A latched source behind a NAT is assumed to keep the odd port above its RTP port.
    const latched = source.port !== remote.rtpPort || source.address !== remote.address;
    this.port.sendRtcp(packet, latched ? source.port + 1 : remote.rtcpPort, source.address);
  }

  #onRtcp(packet: Uint8Array, address: string): void {
    const known = address === this.#inbound.source.address || address === this.#parameters.remote.address;
    if (!known || !this.#rtcp.accept(packet, performance.now(), Date.now())) this.#inbound.discarded++;
  }

  #rtcpView(): ConstructorParameters<typeof RtcpSession>[0] {
    const outbound = this.#outbound;
    const inbound = this.#inbound;
    return {
      ssrc: outbound.ssrc,
      sequences: inbound.sequences,
      get remoteSsrc() {
        return inbound.remoteSsrc;
      },
      jitterUnits: () => Math.round((inbound.jitter.ms * this.#codec.clockRate) / 1000),
      senderInfo: (wallMs) => {
        if (outbound.packets === this.#reportedPackets) return undefined;
        this.#reportedPackets = outbound.packets;
        return {
          wallMs,
          rtpTimestamp: outbound.timestamp,
          packets: outbound.packets,
          octets: outbound.octets,
        };
      },
    };
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

  #sinceOpen(at: number): number {
    return Math.max(0, Math.round(at - this.#openedAt));
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
