import { CODECS } from '../../../audio';
import { type DigitSink, Rfc4733Receiver } from '../../../dtmf';
import { Cells, memory } from '../../memory/cells';
import { AudioMonitor, DriftEstimator, measureAudio, noteDrift } from '../../quality';
import type { MediaCodec, MediaParameters } from '../../types';
import type { Capture } from '../capture/capture';
import { createFrameCodec, type FrameCodec } from '../codecs';
import { isRtcp, parseRtp, RtpHeader } from '../rtp-packet';
import type { SrtpReceiver } from '../../srtp';
import type { Security } from '../security';
import { JitterEstimator, noteJitter } from './jitter';
import { Playout, type PlayedPacket, type PlayoutListener } from './playout';
import { placeReceived, ReceiveTimeline, settleReceived } from './receive-timeline';
import { noteSequence, SequenceTracker } from './sequence-tracker';
import { SourceFilter } from './source-filter';
import {
  DRIFT,
  HEARD_AT,
  JITTER,
  LAST_PACKET_AT,
  MONITOR,
  SEQUENCES,
  STREAM_CELLS,
  TIMELINE,
} from './stream-cells';

/** Comfort noise (RFC 3389), which peers send without negotiating it; its number is static. */
const COMFORT_NOISE = 13;
/** Longest payload that is decoded; more than 60 ms of anything we speak. */
const MAX_PAYLOAD = 2048;

/**
 * Shared by all sessions of the thread: a frame is used up before the next packet is looked at. G.722 has two
 * samples in a byte, Opus up to 120 ms in a packet.
 */
const frame = new Int16Array(Math.max(MAX_PAYLOAD * 2, 48 * 120));
/** Likewise: that of the packet which is being looked at. */
const header = new RtpHeader();

/** Listener of the receiving half of a stream. */
export interface InboundListener {
  /** Digits by RFC 4733. */
  readonly digits: DigitSink;
  /** The first valid packet arrived. */
  receiving(): void;
  /**
   * Audio as it arrives, for recordings, while `isRecorded` is set; `pcm` is reused when this returns.
   *
   * @param position its place on the peer's clock, in whole samples; `arrival` is when it came on the session's.
   * @param restarted the position is not comparable with those before.
   */
  recorded(
    pcm: Int16Array,
    count: number,
    sampleRate: number,
    position: number,
    arrival: number,
    restarted: boolean,
  ): void;
  /**
   * Audio as a listener would hear it while `isHeard` is set: in order and without gaps, through the jitter buffer.
   *
   * @param atMs on the session's clock.
   */
  heard(
    pcm: Int16Array,
    count: number,
    sampleRate: number,
    atMs: number,
    still: boolean,
    packet: PlayedPacket | undefined,
  ): void;
  /** RTCP came to the RTP port (rtcp-mux). */
  rtcp(packet: Uint8Array, address: string, port: number): void;
  /** Gets the packets that are authentic. */
  readonly capture?: Capture | undefined;
}

/** A codec that the peer may send, with a decoder for each of the two ways that audio takes. */
interface Decoders {
  recorded: FrameCodec;
  heard: FrameCodec;
}

/**
 * The receiving half of a stream: source filter, SRTP, sequence statistics, jitter, decoding, digits.
 * Nothing that arrives can throw.
 */
export class Inbound implements PlayoutListener {
  readonly #cells = new Cells(STREAM_CELLS);
  readonly #at = this.#cells.at;
  readonly playout: Playout = new Playout(this);
  readonly source = new SourceFilter(this.#cells, HEARD_AT);
  /** Somebody wants `recorded` to be called. */
  isRecorded = false;
  /** Somebody wants `heard` to be called. */
  isHeard = false;
  packets = 0;
  /** Payload bytes, as sender reports count them. */
  bytes = 0;
  discarded = 0;
  remoteSsrc: number | undefined;
  readonly sequences = new SequenceTracker(this.#cells, SEQUENCES);
  readonly jitter = new JitterEstimator(this.#cells, JITTER);
  readonly drift = new DriftEstimator(this.#cells, DRIFT);

  #ssrcWord = 0;
  /** The payload type of the last packet, and who decodes it. */
  #payloadType = -1;
  #current: Decoders | undefined;
  #receiver: SrtpReceiver | undefined;
  #capture: Capture | undefined;
  #monitor: AudioMonitor | undefined;
  #timelineRate = 0;
  #eventPayloadType = -1;
  #events: Rfc4733Receiver | undefined;
  #mayReceive = true;
  #eventTiming = '';
  readonly #timeline = new ReceiveTimeline(this.#cells, TIMELINE);
  readonly #decoders = new Map<number, Decoders>();

  /**
   * @param openedAt monotonic time at which the session's clock is zero.
   */
  constructor(
    private readonly openedAt: number,
    private readonly security: Security,
    private readonly listener: InboundListener,
  ) {
    memory.numbers[this.#at + LAST_PACKET_AT] = openedAt;
    this.#capture = listener.capture;
  }

  /** Monotonic time of the last valid packet. */
  get lastPacketAt(): number {
    return memory.numbers[this.#at + LAST_PACKET_AT];
  }

  /** Monitor of all received audio; undefined before any came. */
  get monitor(): AudioMonitor | undefined {
    return this.#monitor;
  }

  configure(parameters: MediaParameters): void {
    this.#receiver = this.security.receiver;
    this.source.signalled(parameters.remote.address, parameters.remote.rtpPort);
    this.#mayReceive = parameters.direction === 'sendrecv' || parameters.direction === 'recvonly';
    this.source.expected = this.#mayReceive;
    if (!this.#mayReceive) this.playout.reset();
    this.playout.configure(parameters.jitterBuffer, parameters.concealment);
    this.#configureDecoders([...parameters.alternatives, parameters.codec]);
    this.#configureEvents(parameters);
  }

  /** Takes one datagram from the RTP socket, whatever it is. */
  accept(packet: Uint8Array, address: string, port: number, arrival: number): void {
    if (isRtcp(packet)) {
      this.listener.rtcp(packet, address, port);
      return;
    }
    const verdict = this.source.judge(address, port);
    // The same string for each packet of the source, which is compared without a look at its letters.
    const from = verdict === 'accept' ? this.source.address : address;
    if (verdict === 'refused' || !this.#open(packet, from, port, arrival)) {
      this.discarded++;
      return;
    }
    const decoders = this.#decodersOf(header.payloadType);
    const isEvent = header.payloadType === this.#eventPayloadType;
    const isKnown = decoders !== undefined || isEvent || header.payloadType === COMFORT_NOISE;
    if (!isKnown || (verdict === 'foreign' && !this.#isOfPeer(address, port, arrival))) {
      this.discarded++;
      return;
    }
    if (verdict !== 'foreign' || !this.#isBelated()) this.#confirm(address, port, arrival);
    this.#count(arrival);
    if (noteSequence(this.#at + SEQUENCES, header.sequence) === 'duplicate') return;
    if (decoders && !isEvent) this.#onAudio(decoders, packet, arrival);
    else this.#onOther(packet, arrival, isEvent);
  }

  /** Takes audio from the playout. */
  played(
    pcm: Int16Array,
    count: number,
    sampleRate: number,
    atMs: number,
    still: boolean,
    packet: PlayedPacket | undefined,
  ): void {
    this.#monitor ??= new AudioMonitor(sampleRate, undefined, this.#cells, MONITOR);
    measureAudio(this.#at + MONITOR, pcm, 0, count, still);
    if (this.isHeard) this.listener.heard(pcm, count, sampleRate, atMs - this.openedAt, still, packet);
  }

  /**
   * Once per packet time: playout of the audio that is due, and the end of digits whose packets ceased to come.
   *
   * @param deadline the nominal one; `now` is the clock.
   */
  tick(deadline: number, now: number): void {
    this.playout.tick(deadline);
    if (this.#events?.active) this.#events.poll(now);
  }

  /** The session ends: plays out the jitter buffer and completes a digit that is under way. */
  flush(deadline: number): void {
    this.playout.tick(deadline + this.playout.delayMs);
    this.#events?.flush();
  }

  /** Frees the decoders. */
  close(): void {
    for (const payloadType of [...this.#decoders.keys()]) this.#forgetDecoders(payloadType);
  }

  /**
   * Whether a packet from a foreign source is the peer's. Authentic SRTP (RFC 3711) is proof enough, unless the packet
   * is of a second stream while the first one goes on.
   */
  #isOfPeer(address: string, port: number, arrival: number): boolean {
    const { ssrc, sequence } = header;
    if (!this.#receiver) return this.source.claims(address, port, ssrc, sequence, arrival);
    return ssrc === this.#ssrcWord || !this.source.isLive(arrival);
  }

  /** Whether a packet of the stream is reordered: from the peer's former address it is played, but the source stays. */
  #isBelated(): boolean {
    const { ssrc, sequence } = header;
    return ssrc === this.#ssrcWord && !this.source.isAhead(ssrc, sequence);
  }

  #confirm(address: string, port: number, arrival: number): void {
    const { ssrc, sequence, payloadType } = header;
    this.source.confirm(address, port, ssrc, sequence, arrival);
    this.source.pausing = payloadType === COMFORT_NOISE;
  }

  /** Decrypts and parses a packet; false for one that is not authentic or not RTP. */
  #open(packet: Uint8Array, address: string, port: number, arrival: number): boolean {
    const receiver = this.#receiver;
    const length = receiver ? receiver.unprotectRtp(packet, packet.length) : packet.length;
    if (length < 0) return false;
    this.#capture?.received(packet, length, address, port, arrival);
    return parseRtp(packet, header, length) && header.payloadLength <= MAX_PAYLOAD;
  }

  /** Streams seldom change their payload type. */
  #decodersOf(payloadType: number): Decoders | undefined {
    if (payloadType !== this.#payloadType) {
      this.#payloadType = payloadType;
      this.#current = this.#decoders.get(payloadType);
    }
    return this.#current;
  }

  #configureDecoders(codecs: MediaCodec[]): void {
    this.#payloadType = -1;
    for (const [payloadType, { heard }] of this.#decoders) {
      const stays = codecs.some(
        ({ name, receivePayloadType }) => receivePayloadType === payloadType && name === heard.name,
      );
      if (!stays) this.#forgetDecoders(payloadType);
    }
    for (const { name, receivePayloadType, fmtp } of codecs) {
      if (this.#decoders.has(receivePayloadType)) continue;
      const decoder = (): FrameCodec => createFrameCodec(name, { use: 'decode', fmtp });
      this.#decoders.set(receivePayloadType, { recorded: decoder(), heard: decoder() });
    }
  }

  #forgetDecoders(payloadType: number): void {
    const decoders = this.#decoders.get(payloadType);
    decoders?.recorded.close?.();
    decoders?.heard.close?.();
    this.#decoders.delete(payloadType);
  }

  #configureEvents(parameters: MediaParameters): void {
    const event = parameters.telephoneEvent;
    this.#eventPayloadType = event?.receivePayloadType ?? -1;
    if (!event) return;
    const streamClockRate = CODECS[parameters.codec.name].clockRate;
    const timing = `${streamClockRate}/${event.clockRate}/${parameters.ptimeMs}`;
    if (timing === this.#eventTiming) return;
    this.#events?.flush();
    this.#eventTiming = timing;
    this.#events = new Rfc4733Receiver(
      { clockRate: event.clockRate, streamClockRate, ptimeMs: parameters.ptimeMs },
      this.listener.digits,
    );
  }

  #count(arrival: number): void {
    const { ssrc, payloadLength } = header;
    this.bytes += payloadLength;
    memory.numbers[this.#at + LAST_PACKET_AT] = arrival;
    if (ssrc !== this.#ssrcWord || this.packets === 0) {
      this.#ssrcWord = ssrc;
      this.remoteSsrc = ssrc >>> 0;
      this.sequences.restart();
      this.jitter.restart();
      this.drift.restart();
      this.#timeline.restart();
    }
    if (this.packets++ === 0) this.listener.receiving();
  }

  #onOther(packet: Uint8Array, arrival: number, isEvent: boolean): void {
    if (!this.#mayReceive) return;
    if (!isEvent) {
      this.playout.putNoise(packet, header);
      return;
    }
    this.playout.putOther(header);
    const { ssrc, timestamp, payloadOffset, payloadLength } = header;
    this.#events?.receive(ssrc, timestamp, packet, arrival, payloadOffset, payloadLength);
  }

  #onAudio(decoders: Decoders, packet: Uint8Array, arrival: number): void {
    const { clockRate, sampleRate } = decoders.heard;
    const { timestamp } = header;
    noteJitter(this.#at + JITTER, arrival, timestamp, clockRate);
    if (!noteDrift(this.#at + DRIFT, arrival, timestamp, clockRate)) {
      this.drift.acceptRare(arrival, timestamp, clockRate);
    }
    if (!this.#mayReceive) return;
    if (sampleRate !== this.#timelineRate) this.#timeline.restart();
    this.#timelineRate = sampleRate;
    const arrivalSample = Math.round(((arrival - this.openedAt) * sampleRate) / 1000);
    const timeline = this.#at + TIMELINE;
    const position = placeReceived(timeline, timestamp, arrivalSample, clockRate, sampleRate);
    if (this.isRecorded) {
      const count = decoders.recorded.decode(packet, header.payloadOffset, header.payloadLength, frame);
      this.listener.recorded(frame, count, sampleRate, position, arrivalSample, this.#timeline.restarted);
    } else {
      settleReceived(timeline);
    }
    this.playout.put(decoders.heard, packet, header, arrival);
  }
}
