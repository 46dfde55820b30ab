import type { NamedReference } from '../../audio';
import type { Failure } from '../../common';
import type { BridgeWiring } from '../protocol';
import type { SrtpSender } from '../srtp';
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
import { createFrameCodec, type FrameCodec } from './codecs';
import { sessionStatistics } from './figures';
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
import { Outbound, type PacketSender } from './send/outbound';
import type { EventOfSession, SessionContext } from './session-context';
import { SessionFaults } from './session-faults';
import type { WheelEntry } from './wheel';

/** Longest wait of `close` for the disk. */
const CLOSE_PATIENCE_MS = 2000;
/** Interval of the checks for work that is due in seconds only, and of the most frequent statistics: each costs cache misses. */
const CHORES_MS = 90;

/** Longest lag that is counted, half an hour. */
const MAX_LATE_MS = 1_800_000;

/**
 * One RTP session in the worker: everything of it happens on its wheel entry, once per packet time, and
 * when a packet arrives. Its clock is milliseconds since `openedAt`, the first deadline.
 */
export class Session implements WheelEntry, PacketSender {
  /** What each packet needs comes first: it lies together. */
  due: number;
  /** The deadline of the packet time that has begun. */
  #deadline = 0;
  readonly #openedAt: number;
  #ptimeMs: number;
  #choresAt = 0;
  #maxLagUs = 0;
  readonly #capture: Capture | undefined;
  /** For listeners; most calls have none. */
  #ear: Ear | undefined;
  #maySend = false;
  /** Digits, or audio of any kind, may be there to be sent; else it is silence, and nobody needs to be asked. */
  #mayHaveAudio = false;
  #isRecording = false;
  #codec: FrameCodec;
  #sendPayloadType: number;
  #samplesPerPacket = 0;
  #unitsPerPacket = 0;
  readonly #outbound: Outbound;
  readonly #inbound: Inbound;
  #sender: SrtpSender | undefined;
  readonly #rtcp: RtcpLink;
  readonly #silence: SilenceWatch;
  readonly #samples = new Interval();
  readonly #digits: DigitsOut;
  readonly #frames: FrameSource;
  readonly #recordings: SessionRecordings;
  readonly #hearing: Hearing;
  readonly #security = new Security();
  readonly #faults = new SessionFaults((failure) => this.#emit({ type: 'failed', failure }));
  #parameters: MediaParameters;
  #skippedTicks = 0;
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
    this.#ptimeMs = parameters.ptimeMs;
    this.#sendPayloadType = parameters.codec.sendPayloadType;
    this.#codec = this.#createEncoder(parameters);
    this.#security.configure(parameters);
    const { address, rtpPort } = port;
    this.#capture =
      parameters.capture && context.captures.begin(id, parameters.capture, { address, rtpPort }, this.due);
    this.#digits = new DigitsOut(parameters);
    this.#recordings = new SessionRecordings(
      context.files,
      (event) => this.#emit(event),
      () => this.#noteListeners(),
    );
    this.#frames = new FrameSource(context.files, this.#digits, (event) => this.#emit(event));
    this.#hearing = new Hearing(this.#openedAt, this.#frames.bridges, (event) => this.#emit(event));
    this.#outbound = new Outbound(this);
    this.#inbound = new Inbound(this.#openedAt, this.#security, {
      digits: this.#hearing.events,
      receiving: () => this.#emit({ type: 'receiving' }),
      recorded: (pcm, count, sampleRate, position, arrival, restarted) => {
        // The ear first: a recording may stretch the frame.
        this.#ear?.received(pcm, count, sampleRate, position, arrival, restarted);
        this.#recordings.writeReceived(pcm, count, sampleRate, position, arrival, restarted);
      },
      heard: (pcm, count, sampleRate, atMs, still, packet) =>
        this.#hearing.hear(pcm, count, sampleRate, atMs, still, packet),
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
    this.#mayHaveAudio = true;
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
    if (!request.beep) return;
    this.#frames.beep(this.#codec.sampleRate);
    this.#mayHaveAudio = true;
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
    this.#noteListeners();
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
    this.#mayHaveAudio = true;
  }

  bridge(leg: number, wiring: BridgeWiring): void {
    this.#frames.bridges.join(leg, wiring);
    this.#mayHaveAudio = true;
    this.#noteListeners();
  }

  unbridge(leg: number): void {
    this.#frames.bridges.leave(leg);
    this.#noteListeners();
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
      maxLagMs: this.#maxLagUs / 1000,
    });
  }

  /** One packet time: the packet that is sent. */
  onDue(now: number): void {
    try {
      this.#send(now);
    } catch (error) {
      this.#faults.defect(error);
      this.due = Infinity;
    }
  }

  /** The rest of a packet time: what the peer has sent is played out. */
  settle(now: number): void {
    if (this.due === Infinity) return;
    try {
      this.#hear(now);
    } catch (error) {
      this.#faults.defect(error);
      this.due = Infinity;
    }
  }

  #send(now: number): void {
    const ptimeMs = this.#ptimeMs;
    this.#capture?.tick(now);
    const late = now - this.due;
    // Whole microseconds: a fraction would be an object of its own. After a machine's sleep they are limited to a word.
    const lateUs = (Math.min(late, MAX_LATE_MS) * 1000) | 0;
    if (lateUs > this.#maxLagUs) this.#maxLagUs = lateUs;
    this.context.meter.kept(lateUs);
    if (late >= ptimeMs) this.#skip(Math.floor(late / ptimeMs));
    if (this.#maySend) this.#sendFrame();
    else this.#outbound.markNext();
    this.#deadline = this.due;
    this.due += ptimeMs;
  }

  #hear(now: number): void {
    if (this.#isRecording) this.#recordings.tick(Math.trunc(now - this.#openedAt));
    this.#inbound.tick(this.#deadline, now);
    this.#ear?.tick(now - this.#openedAt);
    if (now >= this.#choresAt) this.#doChores(now);
    this.#outbound.advance(this.#unitsPerPacket);
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
    this.due += ticks * this.#ptimeMs;
    this.#outbound.advance(ticks * this.#unitsPerPacket);
    this.#outbound.markNext();
  }

  #sendFrame(): void {
    if (!this.#mayHaveAudio) {
      this.#outbound.sendSilence(this.#codec, this.#sendPayloadType, this.#samplesPerPacket);
      return;
    }
    this.#sendAudio();
    this.#mayHaveAudio = !this.#digits.isIdle || !this.#frames.isIdle;
  }

  #sendAudio(): void {
    const atMs = this.due - this.#openedAt;
    if (this.#digits.sendEvent(this.#outbound)) {
      this.#ear?.sentDigit(atMs, this.#ptimeMs);
      return;
    }
    const sendPayloadType = this.#sendPayloadType;
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

  /** Who is to be told of the received audio has changed. */
  #noteListeners(): void {
    this.#isRecording = this.#recordings.any;
    this.#inbound.isRecorded = this.#isRecording || this.#ear !== undefined;
    this.#inbound.isHeard = this.#hearing.isNeeded;
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
    this.#ptimeMs = ptimeMs;
    this.#sendPayloadType = parameters.codec.sendPayloadType;
    this.#sender = this.#security.sender;
    this.#hearing.configure(parameters);
    this.#noteListeners();
    this.#capture?.configure(parameters);
    this.#inbound.configure(parameters);
    this.#digits.configure(parameters);
    this.#rtcp.configure(parameters, this.#codec.clockRate);
    this.#silence.configure(parameters);
    this.#samples.configure(parameters.statisticsIntervalMs, performance.now());
  }

  /** Protects and sends a packet of the outbound stream. */
  sendRtp(packet: Uint8Array, length: number): boolean {
    const { address, port } = this.#inbound.source;
    this.#capture?.sent(packet, length, address, port);
    const secured = this.#sender?.protectRtp(packet, length) ?? length;
    // A packet that SRTP could not protect is never sent.
    return secured <= 0 || this.port.sendRtp(packet, secured, port, address);
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

  #emit(event: EventOfSession): void {
    this.context.emit({ ...event, port: this.id });
  }
}

const ENDED: Failure = {
  code: 'CALL_ENDED',
  message: 'The call is ending; nothing more can be sent or recorded.',
};
