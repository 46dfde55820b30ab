import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PCMU_TO_LINEAR } from '../../../lib/audio/g711';
import { wavHeader } from '../../../lib/audio/wav-writer';
import { udpFrame } from '../../../lib/evidence/pcap/frames';
import { type Frame, writePcap } from '../../../lib/evidence/pcap/pcap-file';
import { writeRtpHeader } from '../../../lib/media/worker/rtp-packet';

/** Seconds of audio that each call sends. */
export const AUDIO_S = 16;

const PTIME_MS = 20;
const OF_A_PACKET = 160;
const PACKETS = (AUDIO_S * 1000) / PTIME_MS;
const RTP_HEADER = 12;
const SSRC = 0x5157_0001;
/** A loud value and its negative of PCMU, in turns: a tone of 1 kHz. */
const SAMPLES = Buffer.from([0x10, 0x10, 0x10, 0x10, 0x90, 0x90, 0x90, 0x90]);
/** SIPp puts its own addresses into the packets. */
const ANYWHERE = { address: Uint8Array.of(127, 0, 0, 1), port: 6000 };

/** The same audio in a folder as what each caller takes: `audio.raw` and `audio.pcap` for SIPp, `audio.wav` for a flow. */
export function writeSounds(folder: string): void {
  const audio = Buffer.alloc(PACKETS * OF_A_PACKET, SAMPLES);
  const linear = Int16Array.from(audio, (code) => PCMU_TO_LINEAR[code]);
  const header = wavHeader({ sampleRate: 8000, channels: 1 }, linear.byteLength);
  writeFileSync(join(folder, 'audio.raw'), audio);
  writeFileSync(join(folder, 'audio.wav'), Buffer.concat([header, Buffer.from(linear.buffer)]));
  writeFileSync(join(folder, 'audio.pcap'), writePcap(Array.from({ length: PACKETS }, packetOf)));

  function packetOf(_: unknown, index: number): Frame {
    const packet = new Uint8Array(RTP_HEADER + OF_A_PACKET);
    writeRtpHeader(packet, index === 0, 0, index, index * OF_A_PACKET, SSRC);
    packet.set(audio.subarray(index * OF_A_PACKET, (index + 1) * OF_A_PACKET), RTP_HEADER);
    // The first second, because no time is none.
    return { atMs: 1000 + index * PTIME_MS, ...udpFrame(ANYWHERE, ANYWHERE, packet, packet.length) };
  }
}
