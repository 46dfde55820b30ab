import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seconds of audio that each call sends. */
export const AUDIO_S = 16;

const PTIME_MS = 20;
const OF_A_PACKET = 160;
const PACKETS = (AUDIO_S * 1000) / PTIME_MS;
/** A loud value and its negative of PCMU, in turns: a tone of 1 kHz. */
const SAMPLES = Buffer.from([0x10, 0x10, 0x10, 0x10, 0x90, 0x90, 0x90, 0x90]);

/** The same audio in a folder as what each caller takes: `audio.raw` and `audio.pcap` for SIPp, `audio.wav` for a flow. */
export function writeSounds(folder: string): void {
  const audio = Buffer.alloc(PACKETS * OF_A_PACKET, SAMPLES);
  writeFileSync(join(folder, 'audio.raw'), audio);
  writeFileSync(join(folder, 'audio.wav'), Buffer.concat([wavHead(audio.length), audio]));
  writeFileSync(join(folder, 'audio.pcap'), Buffer.concat([pcapHead(), ...packets(audio)]));
}

function wavHead(bytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  // µ-law, mono, 8 kHz, 8 bits.
  head.writeUInt16LE(7, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return head;
}

function pcapHead(): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(0xffff, 16);
  // Ethernet.
  head.writeUInt32LE(1, 20);
  return head;
}

/** RTP in UDP, IPv4 and Ethernet, a packet each 20 ms. */
function* packets(audio: Buffer): Generator<Buffer> {
  const length = 14 + 20 + 8 + 12 + OF_A_PACKET;
  for (let index = 0; index < PACKETS; index++) {
    const packet = Buffer.alloc(16 + length);
    packet.writeUInt32LE(1 + Math.floor((index * PTIME_MS) / 1000), 0);
    packet.writeUInt32LE(((index * PTIME_MS) % 1000) * 1000, 4);
    packet.writeUInt32LE(length, 8);
    packet.writeUInt32LE(length, 12);
    const frame = packet.subarray(16);
    frame.writeUInt16BE(0x0800, 12);
    frame.writeUInt8(0x45, 14);
    frame.writeUInt16BE(length - 14, 16);
    frame.writeUInt8(64, 22);
    frame.writeUInt8(17, 23);
    frame.set([127, 0, 0, 1, 127, 0, 0, 1], 26);
    frame.writeUInt16BE(6000, 34);
    frame.writeUInt16BE(6000, 36);
    frame.writeUInt16BE(length - 34, 38);
    frame.writeUInt8(0x80, 42);
    frame.writeUInt16BE(index, 44);
    frame.writeUInt32BE(index * OF_A_PACKET, 46);
    frame.writeUInt32BE(0x5157_0001, 50);
    audio.copy(frame, 54, index * OF_A_PACKET, (index + 1) * OF_A_PACKET);
    yield packet;
  }
}
