import { readUint32, RTP_HEADER_LENGTH, writeUint32 } from '../rtp-packet';
import { CounterMode } from './counter-mode';
import { HmacSha1 } from './hmac-sha1';
import { deriveKeys, type SessionKeys, type StreamKeys } from './keys';
import { ReplayWindow } from './replay-window';

const RTCP_TAG_BYTES = 10;
/** E flag and index behind the encrypted part of an RTCP packet (RFC 3711, 3.4). */
const RTCP_INDEX_BYTES = 4;
const RTCP_CLEAR_BYTES = 8;
/** Bytes that protecting may append. */
export const SRTP_OVERHEAD = RTCP_INDEX_BYTES + RTCP_TAG_BYTES;
/** Streams of the peer whose state is kept; a peer that changes its SSRC more often starts anew. */
const MAX_STREAMS = 8;

interface Transform {
  cipher: CounterMode;
  authentication: HmacSha1;
}

/** Protects what we send (RFC 3711, 3.3 and 3.4), in place and without allocating. */
export class SrtpSender {
  readonly #keys: StreamKeys;
  readonly #rtp: Transform;
  readonly #rtcp: Transform;
  #rollover = 0;
  #lastSequence = -1;
  #rtcpIndex = 0;

  /** Throws BAD_CONFIG for a suite or key that cannot be used. */
  constructor(suite: string, keyParameters: string) {
    this.#keys = deriveKeys(suite, keyParameters);
    this.#rtp = transform(this.#keys.rtp);
    this.#rtcp = transform(this.#keys.rtcp);
  }

  /**
   * Encrypts and signs an RTP packet without CSRCs and extension, as we send them.
   *
   * @param packet with room for `SRTP_OVERHEAD` more bytes.
   * @returns the new length.
   */
  protectRtp(packet: Uint8Array, length: number): number {
    const sequence = (packet[2] << 8) | packet[3];
    if (this.#lastSequence > sequence) this.#rollover = (this.#rollover + 1) >>> 0;
    this.#lastSequence = sequence;
    this.#rtp.cipher.apply(
      packet,
      RTP_HEADER_LENGTH,
      length,
      readUint32(packet, 8),
      this.#rollover,
      sequence,
    );
    this.#rtp.authentication.compute(packet, length, this.#rollover);
    this.#rtp.authentication.write(packet, length, this.#keys.rtpTagBytes);
    return length + this.#keys.rtpTagBytes;
  }

  /** Encrypts and signs an RTCP packet into a new array; these are few. */
  protectRtcp(packet: Uint8Array): Uint8Array {
    const output = new Uint8Array(packet.length + RTCP_INDEX_BYTES + RTCP_TAG_BYTES);
    output.set(packet);
    const index = this.#rtcpIndex++ & 0x7fffffff;
    const ssrc = readUint32(packet, 4);
    this.#rtcp.cipher.apply(output, RTCP_CLEAR_BYTES, packet.length, ssrc, index >>> 16, index & 0xffff);
    writeUint32(output, packet.length, index | 0x80000000);
    const signed = packet.length + RTCP_INDEX_BYTES;
    this.#rtcp.authentication.compute(output, signed);
    this.#rtcp.authentication.write(output, signed, RTCP_TAG_BYTES);
    return output;
  }
}

/** What is known of one SSRC of the peer. */
interface StreamState {
  rollover: number;
  highest: number;
  replay: ReplayWindow;
}

/** Checks and decrypts what we receive, in place. Whatever the bytes, it only says no. */
export class SrtpReceiver {
  readonly #keys: StreamKeys;
  readonly #rtp: Transform;
  readonly #rtcp: Transform;
  readonly #streams = new Map<number, StreamState>();
  readonly #rtcpReplay = new Map<number, ReplayWindow>();

  /** Throws BAD_CONFIG for a suite or key that cannot be used. */
  constructor(suite: string, keyParameters: string) {
    this.#keys = deriveKeys(suite, keyParameters);
    this.#rtp = transform(this.#keys.rtp);
    this.#rtcp = transform(this.#keys.rtcp);
  }

  /** Returns the length of the decrypted RTP packet, or -1 for a forged, replayed or malformed one. */
  unprotectRtp(packet: Uint8Array): number {
    const length = packet.length - this.#keys.rtpTagBytes - this.#keys.mkiBytes;
    const payload = payloadOffset(packet, length);
    if (payload < 0) return -1;
    const sequence = (packet[2] << 8) | packet[3];
    const ssrc = readUint32(packet, 8);
    const known = this.#streams.get(ssrc);
    const rollover = known ? guessRollover(known, sequence) : 0;
    if (rollover < 0) return -1;
    const index = rollover * 0x10000 + sequence;
    if (known && !known.replay.allows(index)) return -1;
    this.#rtp.authentication.compute(packet, length, rollover);
    const tag = packet.length - this.#keys.rtpTagBytes;
    if (!this.#rtp.authentication.matches(packet, tag, this.#keys.rtpTagBytes)) return -1;
    this.#rtp.cipher.apply(packet, payload, length, ssrc, rollover, sequence);
    const stream = known ?? this.#newStream(ssrc);
    stream.replay.add(index);
    if (index > stream.rollover * 0x10000 + stream.highest || !known) {
      stream.rollover = rollover;
      stream.highest = sequence;
    }
    return length;
  }

  /** Returns the decrypted RTCP packet (a view of the same bytes), or undefined for one that is not genuine. */
  unprotectRtcp(packet: Uint8Array): Uint8Array | undefined {
    const signed = packet.length - RTCP_TAG_BYTES - this.#keys.mkiBytes;
    const length = signed - RTCP_INDEX_BYTES;
    if (length < RTCP_CLEAR_BYTES) return undefined;
    const trailer = readUint32(packet, length);
    const index = trailer & 0x7fffffff;
    const ssrc = readUint32(packet, 4);
    const replay = this.#rtcpReplay.get(ssrc) ?? new ReplayWindow();
    if (!replay.allows(index)) return undefined;
    this.#rtcp.authentication.compute(packet, signed);
    if (!this.#rtcp.authentication.matches(packet, packet.length - RTCP_TAG_BYTES, RTCP_TAG_BYTES)) {
      return undefined;
    }
    replay.add(index);
    keep(this.#rtcpReplay, ssrc, replay);
    if (trailer >>> 31 === 1) {
      this.#rtcp.cipher.apply(packet, RTCP_CLEAR_BYTES, length, ssrc, index >>> 16, index & 0xffff);
    }
    return packet.subarray(0, length);
  }

  #newStream(ssrc: number): StreamState {
    const stream: StreamState = { rollover: 0, highest: 0, replay: new ReplayWindow() };
    keep(this.#streams, ssrc, stream);
    return stream;
  }
}

/** Remembers the state of an SSRC, of the newest few only. */
function keep<State>(states: Map<number, State>, ssrc: number, state: State): void {
  states.set(ssrc, state);
  for (const oldest of states.keys()) {
    if (states.size <= MAX_STREAMS) break;
    states.delete(oldest);
  }
}

function transform(keys: SessionKeys): Transform {
  return {
    cipher: new CounterMode(keys.encryption, keys.salt),
    authentication: new HmacSha1(keys.authentication),
  };
}

/** The rollover counter that makes the packet's index lie closest to the newest one (RFC 3711, 3.3.1). */
function guessRollover({ rollover, highest }: StreamState, sequence: number): number {
  if (highest < 0x8000) return sequence - highest > 0x8000 ? rollover - 1 : rollover;
  return highest - 0x8000 > sequence ? rollover + 1 : rollover;
}

/** Where the encrypted part begins, or -1 for what is no RTP: CSRCs and extension stay in the clear. */
function payloadOffset(packet: Uint8Array, length: number): number {
  if (length < RTP_HEADER_LENGTH || packet[0] >> 6 !== 2) return -1;
  let offset = RTP_HEADER_LENGTH + 4 * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) !== 0) {
    if (offset + 4 > length) return -1;
    offset += 4 + 4 * ((packet[offset + 2] << 8) | packet[offset + 3]);
  }
  return offset > length ? -1 : offset;
}
