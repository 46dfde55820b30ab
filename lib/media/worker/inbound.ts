import { Rfc4733Receiver, type DigitSink } from '../../dtmf/rfc4733-receiver';
import type { MediaParameters } from '../types';
import { DriftEstimator } from './drift';
import { canCode, createFrameCodec, type FrameCodec } from './frame-codec';
import { JitterEstimator } from './jitter';
import { ReceiveTimeline } from './receive-timeline';
import { isRtcp, parseRtp, RtpHeader } from './rtp-packet';
import { SequenceTracker } from './sequence-tracker';
import { SourceFilter } from './source-filter';

/** Comfort noise (RFC 3389): part of the stream, but nothing to hear. */
const COMFORT_NOISE = 13;
/** Longest payload that is decoded; more than 60 ms of anything we speak. */
const MAX_PAYLOAD = 2048;
/** Samples of the smallest A-law step: silence, not sound. */
const INAUDIBLE = 8;

/** Shared by all sessions of the thread: a frame is used up before the next packet is looked at. */
const frame = new Int16Array(MAX_PAYLOAD * 2);

/** What comes out of the receiving half of a stream. */
export interface InboundListener extends DigitSink {
  /** The first valid packet arrived. */
  receiving(): void;
  /**
   * Decoded audio; `pcm` is reused when this returns.
   *
   * @param atMs its place on the session's clock; `arrivalMs` is when it came on that clock.
   * @param rms level, 0–32768.
   */
  audio(
    pcm: Int16Array,
    count: number,
    sampleRate: number,
    atMs: number,
    arrivalMs: number,
    rms: number,
  ): void;
  /** RTCP came to the RTP port (rtcp-mux). */
  rtcp(packet: Uint8Array, address: string): void;
}

/**
 * The receiving half of a stream: source filter, sequence statistics, jitter, decoding, digits.
 * Nothing that arrives can throw.
 */
export class Inbound {
  readonly source = new SourceFilter();
  readonly sequences = new SequenceTracker();
  readonly jitter = new JitterEstimator();
  readonly drift = new DriftEstimator();
  packets = 0;
  /** Payload bytes, as sender reports count them. */
  bytes = 0;
  discarded = 0;
  remoteSsrc: number | undefined;
  /** Monotonic time of the last valid packet. */
  lastPacketAt: number;

  readonly #header = new RtpHeader();
  readonly #timeline = new ReceiveTimeline();
  readonly #codecs = new Map<number, FrameCodec>();
  #timelineRate = 0;
  #eventPayloadType = -1;
  #events: Rfc4733Receiver | undefined;
  #eventTiming = '';
  #mayReceive = true;
  #energy = 0;
  #samples = 0;

  /**
   * @param openedAt monotonic time at which the session's clock is zero.
   */
  constructor(
    private readonly openedAt: number,
    private readonly listener: InboundListener,
  ) {
    this.lastPacketAt = openedAt;
  }

  /** Level of all received audio in dBFS. */
  get levelDbfs(): number {
    return this.#energy === 0 ? -Infinity : 10 * Math.log10(this.#energy / this.#samples / 32768 ** 2);
  }

  configure(parameters: MediaParameters): void {
    this.source.signalled(parameters.remote.address, parameters.remote.rtpPort);
    this.#mayReceive = parameters.direction === 'sendrecv' || parameters.direction === 'recvonly';
    const codecs = [...parameters.alternatives, parameters.codec];
    for (const payloadType of this.#codecs.keys()) {
      if (!codecs.some((codec) => codec.receivePayloadType === payloadType)) this.#codecs.delete(payloadType);
    }
    for (const codec of codecs) {
      // An alternative that we cannot code is only discarded when the peer switches to it.
      if (!canCode(codec.name)) continue;
      const current = this.#codecs.get(codec.receivePayloadType);
      if (current?.name === codec.name) continue;
      this.#codecs.set(codec.receivePayloadType, createFrameCodec(codec.name));
    }
    this.#configureEvents(parameters);
  }

  /** Takes one datagram from the RTP socket, whatever it is. */
  accept(packet: Uint8Array, address: string, port: number, arrival: number): void {
    if (isRtcp(packet)) {
      this.listener.rtcp(packet, address);
      return;
    }
    const header = this.#header;
    const verdict = this.source.judge(address, port);
    if (verdict === 'foreign' || !parseRtp(packet, header) || header.payloadLength > MAX_PAYLOAD) {
      this.discarded++;
      return;
    }
    const codec = this.#codecs.get(header.payloadType);
    const isEvent = header.payloadType === this.#eventPayloadType;
    if (!codec && !isEvent && header.payloadType !== COMFORT_NOISE) {
      this.discarded++;
      return;
    }
    this.source.confirm(address, port);
    this.#count(arrival);
    if (this.sequences.accept(header.sequence) === 'duplicate') return;
    if (isEvent) this.#onEvent(packet, arrival);
    else if (codec) this.#onAudio(codec, packet, arrival);
  }

  /** Once per packet time: digits whose packets ceased to come. */
  tick(now: number): void {
    if (this.#events?.active) this.#events.poll(now);
  }

  /** The session ends: completes a digit that is under way. */
  flush(): void {
    this.#events?.flush();
  }

  #configureEvents(parameters: MediaParameters): void {
    const event = parameters.telephoneEvent;
    this.#eventPayloadType = event?.receivePayloadType ?? -1;
    if (!event) return;
    const timing = `${event.clockRate}/${parameters.ptimeMs}`;
    if (timing === this.#eventTiming) return;
    this.#events?.flush();
    this.#eventTiming = timing;
    this.#events = new Rfc4733Receiver(
      { clockRate: event.clockRate, ptimeMs: parameters.ptimeMs },
      this.listener,
    );
  }

  #count(arrival: number): void {
    const { ssrc, payloadLength } = this.#header;
    this.bytes += payloadLength;
    this.lastPacketAt = arrival;
    if (ssrc !== this.remoteSsrc) {
      this.remoteSsrc = ssrc;
      this.sequences.restart();
      this.jitter.restart();
      this.drift.restart();
      this.#timeline.restart();
    }
    if (this.packets++ === 0) this.listener.receiving();
  }

  #onEvent(packet: Uint8Array, arrival: number): void {
    if (!this.#mayReceive) return;
    const { ssrc, timestamp, payloadOffset, payloadLength } = this.#header;
    this.#events?.receive(ssrc, timestamp, packet, arrival, payloadOffset, payloadLength);
  }

  #onAudio(codec: FrameCodec, packet: Uint8Array, arrival: number): void {
    const { timestamp, payloadOffset, payloadLength } = this.#header;
    this.jitter.accept(arrival, timestamp, codec.clockRate);
    this.drift.accept(arrival, timestamp, codec.clockRate);
    if (!this.#mayReceive) return;
    const count = codec.decode(packet, payloadOffset, payloadLength, frame);
    let energy = 0;
    for (let index = 0; index < count; index++) {
      const sample = frame[index];
      if (sample > INAUDIBLE || sample < -INAUDIBLE) energy += sample * sample;
    }
    this.#energy += energy;
    this.#samples += count;
    const { sampleRate, clockRate } = codec;
    if (sampleRate !== this.#timelineRate) this.#timeline.restart();
    this.#timelineRate = sampleRate;
    const arrivalMs = arrival - this.openedAt;
    const position = this.#timeline.place(timestamp, (arrivalMs * sampleRate) / 1000, clockRate, sampleRate);
    const rms = count === 0 ? 0 : Math.sqrt(energy / count);
    this.listener.audio(frame, count, sampleRate, (position * 1000) / sampleRate, arrivalMs, rms);
  }
}
