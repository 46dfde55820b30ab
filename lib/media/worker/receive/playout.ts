import {
  COMMON_CODEC,
  type CodecName,
  ComfortNoise,
  type ConcealmentMode,
  PacketLossConcealer,
} from '../../../audio';
import {
  addCounts,
  completeOptions,
  JitterBuffer,
  noCounts,
  type JitterBufferCounts,
  type RtpFields,
} from '../../jitter-buffer';
import { LossTracker } from '../../quality';
import type { JitterBufferSettings } from '../../types';
import type { FrameCodec } from '../codecs';

/** Packets that can wait at least: 640 ms of 20 ms packets. */
const MIN_SLOTS = 32;
/** Shortest packets that a long delay is made of, milliseconds. */
const MIN_PACKET_MS = 10;
/** Longest packet that is played, milliseconds. */
const MAX_PACKET_MS = 60;
/** Frames that one packet time may hand out, so that a peer's tiny packets cannot hold the thread up. */
const MAX_FRAMES_PER_TICK = 16;

/** Shared by all sessions of the thread: a frame is used up before the next one is made. Room for 120 ms of Opus. */
const frame = new Int16Array(48 * 120);

/** Who listens to a playout. */
export interface PlayoutListener {
  /**
   * Gets the received audio in order and without gaps, at an even pace. `pcm` is reused when this returns.
   *
   * @param atMs when the audio was received, on the clock of `tick`, as far as the jitter buffer evens it out.
   * @param still all samples are the same, as of a silent peer: looking at one is enough.
   * @param packet it was decoded from; undefined when it is concealed or comfort noise. Valid until this returns.
   */
  played(
    pcm: Int16Array,
    count: number,
    sampleRate: number,
    atMs: number,
    still: boolean,
    packet: PlayedPacket | undefined,
  ): void;
}

const ADAPTIVE: JitterBufferSettings = { mode: 'adaptive' };

/** A packet whose audio is being handed out. */
export interface PlayedPacket {
  codec: CodecName;
  bytes: Uint8Array;
  offset: number;
  length: number;
}

/** Shared like `frame`. */
const played: PlayedPacket = { codec: COMMON_CODEC, bytes: new Uint8Array(0), offset: 0, length: 0 };

/** The jitter buffer of one RTP clock, with its codec and concealer. */
interface Line {
  codec: FrameCodec;
  buffer: JitterBuffer;
  concealer: PacketLossConcealer;
}

/**
 * Playout of the received audio: through a jitter buffer, in order, with packet loss concealment. Feeds the tone
 * detector, the level meters and bridges; recordings place each packet by its timestamp instead.
 */
export class Playout {
  #line: Line | undefined;
  /** Packets played since the last one that was missing, which `#losses` does not know of yet. */
  #played = 0;
  readonly #losses = new LossTracker();
  readonly #noise = new ComfortNoise();
  readonly #lines = new Map<string, Line>();
  #settings: JitterBufferSettings = ADAPTIVE;
  #concealment: ConcealmentMode = 'pitch';
  /** Counts of former buffers. */
  #past = noCounts();

  constructor(private readonly listener: PlayoutListener) {}

  get losses(): LossTracker {
    this.#losses.received(this.#played);
    this.#played = 0;
    return this.#losses;
  }

  /** Delay that the buffer adds now, milliseconds. */
  get delayMs(): number {
    return this.#line?.buffer.delayMs ?? 0;
  }

  /** Jitter buffer counts of the packets of all codecs. */
  get counts(): JitterBufferCounts {
    const sum = { ...this.#past };
    for (const { buffer } of this.#lines.values()) addCounts(sum, buffer.counts);
    return sum;
  }

  /** Whether losses are concealed by more than silence. */
  get conceals(): boolean {
    return this.#concealment !== 'none';
  }

  /**
   * Takes over the settings of jitter buffer and concealment; waiting packets are dropped when they change.
   *
   * @throws SipflowError BAD_CONFIG for delays out of range.
   */
  configure(settings: JitterBufferSettings = ADAPTIVE, concealment: ConcealmentMode = 'pitch'): void {
    if (concealment === this.#concealment && isSame(settings, this.#settings)) return;
    completeOptions({ ...settings, clockRate: 8000 });
    this.reset();
    this.#past = this.counts;
    this.#lines.clear();
    this.#settings = settings;
    this.#concealment = concealment;
  }

  /** Drops the waiting packets, because the stream changed or may no longer be heard. */
  reset(): void {
    this.#line?.buffer.reset();
    this.#line = undefined;
  }

  /**
   * Takes in an audio packet.
   *
   * @param codec a decoder that only this playout uses, since it has a memory.
   */
  put(codec: FrameCodec, packet: Uint8Array, header: RtpFields, arrivalMs: number): void {
    const line = this.#lineOf(codec);
    const samples = codec.samples(packet, header.payloadOffset, header.payloadLength);
    if (samples === 0) return;
    const units = (samples * codec.clockRate) / codec.sampleRate;
    line.buffer.put(packet, header, units, arrivalMs);
  }

  /** Takes note of a packet without audio, so that its sequence number does not count as lost. */
  putOther(header: RtpFields): void {
    this.#noise.stop();
    this.#line?.buffer.putOther(header);
  }

  /** Comfort noise (RFC 3389): the silence that follows is filled with noise of this level. */
  putNoise(packet: Uint8Array, header: RtpFields): void {
    this.#line?.buffer.putOther(header);
    this.#noise.accept(packet, header.payloadOffset, header.payloadLength);
  }

  /** Once per packet time, with its nominal deadline: hands out what is due. */
  tick(deadline: number): void {
    const line = this.#line;
    if (!line) return;
    for (let count = 0; count < MAX_FRAMES_PER_TICK; count++) {
      const outcome = line.buffer.pull(deadline);
      if (outcome === 'none') return;
      if (outcome === 'packet') this.#play(line, deadline);
      else this.#fill(line, outcome === 'conceal', deadline);
    }
  }

  #play({ codec, buffer, concealer }: Line, deadline: number): void {
    const { bytes, offset, length, missingBefore } = buffer.current;
    const still = buffer.current.still && codec.bytewise === true;
    if (missingBefore > 0) this.losses.missing(missingBefore);
    this.#played++;
    const count = codec.decode(bytes, offset, still ? 1 : length, frame) * (still ? length : 1);
    if (count === 0) return;
    if (still) frame.fill(frame[0], 1, count);
    const isStill = concealer.good(frame, 0, count, still);
    played.codec = codec.name;
    played.bytes = bytes;
    played.offset = offset;
    played.length = length;
    this.listener.played(frame, count, codec.sampleRate, deadline - buffer.delayMs, isStill, played);
  }

  #fill({ codec, buffer, concealer }: Line, isLoss: boolean, deadline: number): void {
    const wanted = Math.round((buffer.gapUnits * codec.sampleRate) / codec.clockRate);
    const count = Math.min(wanted, frame.length);
    if (!isLoss) this.#noise.fill(frame, count);
    else if (!this.#substitute(codec, buffer, count)) concealer.conceal(frame, 0, count);
    this.listener.played(frame, count, codec.sampleRate, deadline - buffer.delayMs, false, undefined);
  }

  /** Concealment by the codec itself: forward error correction or its own PLC; false when it has neither. */
  #substitute(codec: FrameCodec, buffer: JitterBuffer, count: number): boolean {
    if (!this.conceals) return false;
    let made = 0;
    if (codec.recover && buffer.lookBeyondGap()) {
      const { bytes, offset, length } = buffer.ahead;
      made = codec.recover(bytes, offset, length, frame, count);
    }
    if (made === 0 && codec.conceal) made = codec.conceal(frame, count);
    if (made === 0) return false;
    frame.fill(0, made, count);
    return true;
  }

  /** The line of a codec, kept for a peer that switches back and forth between codecs. */
  #lineOf(codec: FrameCodec): Line {
    if (this.#line?.codec === codec) return this.#line;
    this.#line?.buffer.reset();
    let line = this.#lines.get(codec.name);
    if (line) {
      line.codec = codec;
    } else {
      const { clockRate, sampleRate } = codec;
      const slotBytes = codec.maxBytes(MAX_PACKET_MS);
      const buffer = new JitterBuffer({
        ...this.#settings,
        clockRate,
        slots: slotsFor(this.#settings),
        slotBytes,
      });
      line = { codec, buffer, concealer: new PacketLossConcealer(this.#concealment, sampleRate) };
      this.#lines.set(codec.name, line);
    }
    line.concealer.reset();
    this.#line = line;
    return line;
  }
}

/** A power of two, so that the longest delay fits. */
function slotsFor({ delayMs = 0, maxDelayMs = 0 }: JitterBufferSettings): number {
  const packets = Math.max(delayMs, maxDelayMs) / MIN_PACKET_MS;
  return Math.max(MIN_SLOTS, 2 ** Math.ceil(Math.log2(packets + 1)));
}

function isSame(a: JitterBufferSettings, b: JitterBufferSettings): boolean {
  return (
    a.mode === b.mode &&
    a.delayMs === b.delayMs &&
    a.minDelayMs === b.minDelayMs &&
    a.maxDelayMs === b.maxDelayMs
  );
}
