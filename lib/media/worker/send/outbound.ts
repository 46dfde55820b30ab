import { randomInt } from 'node:crypto';
import type { FrameCodec } from '../codecs/frame-codec';
import { RTP_HEADER_LENGTH, writeRtpHeader } from '../rtp-packet';
import { SRTP_ROOM } from '../security';

/** Room for 60 ms of the widest codec (L16 at 16 kHz), a header, and what SRTP appends. */
const MAX_PACKET = RTP_HEADER_LENGTH + 2048 + SRTP_ROOM;

/** The way to the wire. */
export interface PacketSender {
  /** Takes a finished packet. Returns false when its memory must not be used again. */
  sendRtp(packet: Uint8Array, length: number): boolean;
}

/**
 * The packet that is being made, one for all sessions of the thread: it is out before the next one is begun. No Buffer,
 * whose `fill` has costly argument checks: silence is filled in for each packet.
 */
const making = { packet: new Uint8Array(MAX_PACKET), offset: RTP_HEADER_LENGTH };

/**
 * The sending half of a stream: numbers, timestamps and payloads (RFC 3550, 5.1). The timestamp follows
 * the clock whatever is sent; sequence numbers follow the packets.
 */
export class Outbound {
  readonly ssrc = randomInt(1, 0x100000000);
  packets = 0;
  /** Payload bytes, as sender reports count them. */
  octets = 0;
  /**
   * RTP timestamp of the current packet time, as a signed word: from 2³¹ on, each reading of an unsigned one would be a
   * heap number.
   */
  timestamp = randomInt(0, 0x100000000) | 0;
  /** From the lower half, so that SRTP's first packets cannot be mistaken for ones after a wrap (RFC 3711, 3.3.1). */
  #sequence = randomInt(0, 0x8000);
  #marker = true;
  readonly #ssrcWord = this.ssrc | 0;

  constructor(private readonly sender: PacketSender) {}

  /** Place of the payload for `sendEvent` and `sendPrepared`, valid until anything is sent. */
  get payload(): Readonly<typeof making> {
    return making;
  }

  /** Moves the clock on, by one packet time or over a gap. */
  advance(units: number): void {
    this.timestamp = (this.timestamp + units) | 0;
  }

  /** The next packet follows a gap: it gets the marker (RFC 3551, 4.1). */
  markNext(): void {
    this.#marker = true;
  }

  sendAudio(codec: FrameCodec, payloadType: number, pcm: Int16Array, count: number): void {
    this.#finish(payloadType, codec.encode(pcm, count, making.packet, RTP_HEADER_LENGTH));
  }

  sendSilence(codec: FrameCodec, payloadType: number, count: number): void {
    this.#finish(payloadType, codec.silence(count, making.packet, RTP_HEADER_LENGTH));
  }

  /** Sends the payload at `payload` as audio. */
  sendPrepared(payloadType: number, length: number): void {
    this.#finish(payloadType, length);
  }

  /**
   * Sends a payload with a timestamp and marker of its own (telephone events).
   *
   * @param write puts the payload into the packet at the offset and returns its length; 0 sends nothing.
   */
  sendEvent(payloadType: number, length: number, timestamp: number, marker: boolean): void {
    this.#write(payloadType, length, timestamp, marker);
    // The audio after the event begins a talk spurt of its own.
    this.#marker = true;
  }

  #finish(payloadType: number, length: number): void {
    // A codec whose library is still being loaded has nothing to send yet.
    if (length === 0) return;
    this.#write(payloadType, length, this.timestamp, this.#marker);
    this.#marker = false;
  }

  #write(payloadType: number, length: number, timestamp: number, marker: boolean): void {
    const { packet } = making;
    writeRtpHeader(packet, marker, payloadType, this.#sequence, timestamp, this.#ssrcWord);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.packets++;
    this.octets += length;
    if (this.sender.sendRtp(packet, RTP_HEADER_LENGTH + length)) return;
    making.packet = new Uint8Array(MAX_PACKET);
  }
}
