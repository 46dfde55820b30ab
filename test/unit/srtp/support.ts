/** Packets and keys for the SRTP tests, all reproducible. */

import { createHash } from 'node:crypto';

/** Bytes that look random and are the same in every run. */
export function bytes(length: number, seed: string): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; parts.length * 32 < length; i++) {
    parts.push(createHash('sha256').update(`${seed}/${i}`).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** A buffer for one packet with room for any tag. */
export function packetBuffer(packet: Uint8Array): Buffer {
  const buffer = Buffer.alloc(packet.length + 64);
  buffer.set(packet);
  return buffer;
}

/** An RTP packet with payload type 0 and a payload that depends on the sequence number. */
export function rtpPacket(sequence: number, ssrc = 0xcafebabe, payloadLength = 160): Buffer {
  const packet = Buffer.alloc(12 + payloadLength);
  packet[0] = 0x80;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 160) >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  bytes(payloadLength, `payload ${sequence}`).copy(packet, 12);
  return packet;
}

/** A receiver report without blocks and a source description (RFC 3550, 6.1): 24 bytes. */
export function rtcpPacket(ssrc = 0xcafebabe): Buffer {
  const packet = Buffer.from('80c900010000000081ca0003000000000103612d62000000', 'hex');
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE(ssrc, 12);
  return packet;
}

/** A small generator with a fixed seed, for fuzzing that can be repeated. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x100000000;
  };
}
