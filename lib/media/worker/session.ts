import type { NamedReference } from '../../audio';
import type { Failure } from '../../common';
import type { WorkerMeter } from '../meters';
import type { BridgeWiring, MediaEvent } from '../protocol';
import type {
  ListenRequest,
  MediaParameters,
  MediaStatistics,
  PlaybackEnd,
  PlayRequest,
  RecordingEnd,
  RecordRequest,
  SendDigitsRequest,
} from '../types';
import type { BoundPort } from './bound-port';
import type { Capture } from './capture/capture';
import type { Captures } from './capture/captures';
import { createFrameCodec, type FrameCodec } from './codecs';
import { sessionStatistics } from './figures';
import type { FileClient } from './file-client';
import { Interval } from './interval';
import { Ear } from './listen/ear';
import { isReachable } from './receive/answerable';
import { Hearing } from './receive/hearing';
import { Inbound } from './receive/inbound';
import { SilenceWatch } from './receive/silence-watch';
import { SessionRecordings } from './record/session-recordings';
import { RtcpLink } from './rtcp/rtcp-link';
import { Security } from './security';
import { DigitsOut } from './send/digits-out';
import { FrameSource } from './send/frame-source';
import { Outbound } from './send/outbound';
import { SessionFaults } from './session-faults';
import type { WheelEntry } from './wheel';
import type { WheelDriver } from './wheel-driver';

/** Longest wait of `close` for the disk. */
const CLOSE_PATIENCE_MS = 2000;
/** Interval of the checks for work that is due in seconds only: each check costs cache misses. */
const CHORES_MS = 50;

/** Services of the thread for a session. */
export interface SessionContext {
  wheel: WheelDriver;
  files: FileClient;
  captures: Captures;
  meter: WorkerMeter;
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
  readonly #faults = new SessionFaults((failure) => this.#emit({ type: 'failed', failure }));
  readonly #samples = new Interval();
  readonly #rtcp: RtcpLink;
  readonly #silence: SilenceWatch;
  readonly #digits: DigitsOut;
  readonly #recordings: SessionRecordings;
  readonly #frames: FrameSource;
  readonly #hearing: Hearing;
  readonly #capture: Capture | undefined;
  /** For listeners; most calls have none. */
  #ear: Ear | undefined;
  #parameters: MediaParameters;
  #codec: FrameCodec;
  #maySend = false;
  #samplesPerPacket = 0;
  #unitsPerPacket = 0;
  #choresAt = 0;
  #skippedTicks = 0;
  #maxLagMs = 0;
  #ending = false;

  constructor(
    private readonly id: number,
    private readonly port: BoundPort,
    parameters: MediaParameters,
    private readonly context: SessionContext,
  ) {
    this.due = context.wheel.quietest(parameters.ptimeMs);
    this.#openedAt = this.due;
    this.#parameters = this.#onTheWire(parameters);
    this.#codec = this.#createEncoder(parameters);
    this.#security.configure(parameters);
    const { address, rtpPort } = port;
    this.#capture =
      parameters.capture && context.captures.begin(id, parameters.capture, { address, rtpPort }, this.due);
    this.#digits = new DigitsOut(parameters);
    this.#recordings = new SessionRecordings(context.files, (event) => this.#emit(event));
    this.#frames = new FrameSource(context.files, this.#digits, (event) => this.#emit(event));
    this.#hearing = new Hearing(this.#openedAt, this.#frames.bridges, (event) => this.#emit(event));
    this.#outbound = new Outbound((packet, length) => this.#sendRtp(packet, length));
    this.#inbound = new Inbound(this.#openedAt, this.#security, {
      digits: this.#hearing.events,
      receiving: () => this.#emit({ type: 'receiving' }),
      recording: () => this.#recordings.any || this.#ear !== undefined,
      recorded: (pcm, count, sampleRate, position, arrival, restarted) => {
        // The ear first: a recording may stretch the frame.
        this.#ear?.received(pcm, count, sampleRate, position, arrival, restarted);
        this.#recordings.writeReceived(pcm, count, sampleRate, position, arrival, restarted);
      },
      heard: (pcm, count, sampleRate, atMs, still) =>
        this.#hearing.hear(pcm, count, sampleRate, atMs, still, this.#inbound.playout.playing),
      rtcp: (packet, address, from) => void this.#rtcp.accept(packet, address, from),
      capture: this.#capture,
    });
    this.#rtcp = new RtcpLink(
      port,
      this.#inbound,
      this.#security,
      this.#outbound,
      this.#parameters,
      this.due,
      (packet) => this.#emit({ type: 'rtcp', packet }),
      this.#capture,
    );
    this.#silence = new SilenceWatch(this.due);
    if (parameters.remember) this.#ear = this.#listening(0);
    this.#configure(this.#parameters);
    port.open(
      (packet, address, from, arrival) => this.#onRtp(packet, address, from, arrival),
      (packet, address, from) => this.#rtcp.acceptFrom(packet, address, from),
    );
    context.wheel.add(this);
  }

  update(parameters: MediaParameters): void {
    this.#security.configure(parameters);
    // The coder keeps its memory when the codec stays.
    if (parameters.codec.name !== this.#codec.name) {
      this.#codec.close?.();
      this.#codec = this.#createEncoder(parameters);
    }
    this.#parameters = this.#onTheWire(parameters);
    this.#configure(this.#parameters);
  }

  play(id: number, request: PlayRequest): void {
    if (this.#ending) this.#emit({ type: 'playbackFailed', playback: id, failure: ENDED });
    else this.#frames.play(id, request, this.#codec.sampleRate);
  }

  controlPlayback(id: number, control: 'pause' | 'resume'): void {
    this.#frames.control(id, control);
  }

  stopPlayback(id: number, reason: PlaybackEnd): void {
    this.#frames.stop(reason, id);
  }

  record(id: number, request: RecordRequest): void {
    if (this.#ending) {
      this.#emit({ type: 'recordingFailed', recording: id, failure: ENDED });
      return;
    }
    this.#recordings.start(id, request, this.#codec.sampleRate, this.#nowMs());
    if (request.beep) this.#frames.beep(this.#codec.sampleRate);
  }

  controlRecording(id: number, control: 'pause' | 'resume'): void {
    this.#recordings.control(id, control, this.#nowMs());
  }

  stopRecording(id: number, reason: RecordingEnd): void {
    this.#recordings.stop(id, reason, this.#nowMs());
  }

  listen(id: number, request: ListenRequest): void {
    if (this.#ending) {
      this.#emit({ type: 'listenFailed', listening: id, failure: ENDED });
      return;
    }
    const nowMs = this.#nowMs();
    this.#ear ??= this.#listening(nowMs);
    this.#ear.listen(id, request, nowMs);
  }

  listenFor(id: number, references: readonly NamedReference[]): void {
    this.#ear?.listenFor(id, references);
  }

  stopListening(id: number): void {
    this.#ear?.stop(id, this.#nowMs());
  }

  answered(agoMs: number): void {
    this.#ear?.answered(this.#nowMs() - agoMs);
  }

  sendDigits(request: SendDigitsRequest, done: (failure?: Failure) => void): void {
    if (this.#ending) done(ENDED);
    else this.#digits.send(request, done);
  }

  bridge(leg: number, wiring: BridgeWiring): void {
    this.#frames.bridges.join(leg, wiring);
  }

  unbridge(leg: number): void {
    this.#frames.bridges.leave(leg);
  }

  stopSending(reason: PlaybackEnd): void {
    this.#ending = true;
    this.#frames.stop(reason);
    this.#digits.stop(ENDED);
  }

  /** Resolves when every recording is final (or failed). */
  finishRecordings(reason: RecordingEnd): Promise<void> {
    return this.#recordings.finish(reason, this.#nowMs());
  }

  /** Sends RTCP BYE, closes the sockets and returns the final figures; nothing is emitted afterwards. */
  async close(): Promise<MediaStatistics> {
    this.stopSending('hangup');
    await this.#recordings.finishWithin(CLOSE_PATIENCE_MS, 'hangup', this.#nowMs());
    this.context.wheel.remove(this);
    this.#inbound.flush(this.due);
    this.due = Infinity;
    this.#hearing.flush();
    this.#ear?.finish(this.#nowMs());
    this.#rtcp.goodbye(performance.now());
    await this.port.close();
    this.#inbound.close();
    this.context.captures.end(this.id, performance.now());
    this.#codec.close?.();
    return this.statistics();
  }

  statistics(): MediaStatistics {
    return sessionStatistics({
      parameters: this.#parameters,
      outbound: this.#outbound,
      inbound: this.#inbound,
      rttMs: this.#rtcp.rttMs,
      remote: this.#rtcp.remote,
      skippedTicks: this.#skippedTicks,
      maxLagMs: this.#maxLagMs,
    });
  }

  /** One packet time. */
  onDue(now: number): void {
    try {
      this.#tick(now);
    } catch (error) {
      this.#faults.defect(error);
      this.due = Infinity;
    }
  }

  #tick(now: number): void {
    const { ptimeMs } = this.#parameters;
    this.#capture?.tick(now);
    const late = now - this.due;
    if (late > this.#maxLagMs) this.#maxLagMs = late;
    this.context.meter.kept((late * 1000) | 0);
    if (late >= ptimeMs) this.#skip(Math.floor(late / ptimeMs));
    if (this.#maySend) this.#sendFrame();
    else this.#outbound.markNext();
    this.#recordings.tick(Math.trunc(now - this.#openedAt));
    this.#inbound.tick(this.due, now);
    this.#ear?.tick(now - this.#openedAt);
    if (now >= this.#choresAt) this.#doChores(now);
    this.#outbound.advance(this.#unitsPerPacket);
    this.due += ptimeMs;
  }

  /** Work that is not due in each packet time: RTCP reports, RTP timeout, statistics. */
  #doChores(now: number): void {
    this.#choresAt = Math.trunc(now) + CHORES_MS;
    this.#rtcp.tick(now);
    if (this.#silence.check(now, this.#inbound.lastPacketAt)) this.#emit({ type: 'rtpTimeout' });
    if (this.#samples.isOver(now)) this.#emit({ type: 'statistics', figures: this.statistics() });
  }

  /** Skips deadlines missed by a whole packet time: the RTP clock moves on, no burst follows (pitfall 5). */
  #skip(ticks: number): void {
    this.#skippedTicks += ticks;
    this.context.meter.skipped(ticks);
    this.due += ticks * this.#parameters.ptimeMs;
    this.#outbound.advance(ticks * this.#unitsPerPacket);
    this.#outbound.markNext();
  }

  #sendFrame(): void {
    const atMs = this.due - this.#openedAt;
    if (this.#digits.sendEvent(this.#outbound)) {
      this.#ear?.sentDigit(atMs, this.#parameters.ptimeMs);
      return;
    }
    const { sendPayloadType } = this.#parameters.codec;
    const count = this.#samplesPerPacket;
    const pcm = this.#frames.next(count, this.#codec.sampleRate);
    if (!pcm) {
      this.#outbound.sendSilence(this.#codec, sendPayloadType, count);
      return;
    }
    const { packet, offset } = this.#outbound.payload;
    const copied = this.#frames.copyPacket(count, packet, offset);
    if (copied > 0) this.#outbound.sendPrepared(sendPayloadType, copied);
    else this.#outbound.sendAudio(this.#codec, sendPayloadType, pcm, count);
    this.#recordings.writeSent(pcm, count, this.#codec.sampleRate, atMs);
    this.#ear?.sent(pcm, count, this.#codec.sampleRate, atMs);
    this.#frames.frameSent();
  }

  #listening(nowMs: number): Ear {
    return new Ear(nowMs, (event) => this.#emit(event));
  }

  #createEncoder({ codec }: MediaParameters): FrameCodec {
    const onFault = (error: unknown): void => this.#faults.codec(error);
    return createFrameCodec(codec.name, { use: 'encode', fmtp: codec.fmtp, onFault });
  }

  #configure(parameters: MediaParameters): void {
    const { direction, ptimeMs, remote } = parameters;
    this.#maySend = isReachable(remote) && (direction === 'sendrecv' || direction === 'sendonly');
    this.#samplesPerPacket = Math.round((this.#codec.sampleRate * ptimeMs) / 1000);
    this.#unitsPerPacket = Math.round((this.#codec.clockRate * ptimeMs) / 1000);
    this.#hearing.configure(parameters);
    this.#capture?.configure(parameters);
    this.#inbound.configure(parameters);
    this.#digits.configure(parameters);
    this.#rtcp.configure(parameters, this.#codec.clockRate);
    this.#silence.configure(parameters);
    this.#samples.configure(parameters.statisticsIntervalMs, performance.now());
  }

  #sendRtp(packet: Uint8Array, length: number): void {
    const { address, port } = this.#inbound.source;
    this.#capture?.sent(packet, length, address, port);
    const secured = this.#security.sender?.protectRtp(packet, length) ?? length;
    // A packet that SRTP could not protect is never sent.
    if (secured > 0) this.port.sendRtp(packet, secured, port, address);
  }

  #onRtp(packet: Uint8Array, address: string, from: number, arrival: number): void {
    try {
      this.#inbound.accept(packet, address, from, arrival);
    } catch (error) {
      this.#faults.defect(error);
    }
  }

  #onTheWire(parameters: MediaParameters): MediaParameters {
    const { remote } = parameters;
    return { ...parameters, remote: { ...remote, address: this.port.wireAddress(remote.address) } };
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
