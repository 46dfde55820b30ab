import assert from 'node:assert/strict';
import { OpusFrameCodec, prepareOpus } from '../../../lib/media/worker/codecs/opus';
import { Playout } from '../../../lib/media/worker/receive/playout';
import { RtpHeader } from '../../../lib/media/worker/rtp-packet';
import { levelDbfs, pitch, sines } from '../../support/audio';

const FRAME = 960;

async function ready(use: 'encode' | 'decode', fmtp?: string): Promise<OpusFrameCodec> {
  const codec = new OpusFrameCodec(use, fmtp);
  // The library is loaded; what is left is a turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  return codec;
}

function encodeAll(encoder: OpusFrameCodec, pcm: Int16Array, frame = FRAME): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0; at + frame <= pcm.length; at += frame) {
    const payload = new Uint8Array(2048);
    const length = encoder.encode(pcm.subarray(at), frame, payload, 12);
    packets.push(payload.slice(12, 12 + length));
  }
  return packets;
}

function decodeAll(decoder: OpusFrameCodec, packets: Uint8Array[]): Int16Array {
  const frame = new Int16Array(5760);
  const all: number[] = [];
  for (const packet of packets) {
    const count = decoder.decode(packet, 0, packet.length, frame);
    assert.equal(count, decoder.samples(packet, 0, packet.length));
    all.push(...frame.subarray(0, count));
  }
  return Int16Array.from(all);
}

describe('media: Opus frames', function () {
  this.timeout(20_000);
  before(async () => {
    await prepareOpus();
  });

  it('carries a tone with its pitch and level, at every packet time', async () => {
    for (const ms of [10, 20, 40, 60]) {
      const [encoder, decoder] = [await ready('encode'), await ready('decode')];
      const pcm = sines([440], 48_000, 1.2);
      const packets = encodeAll(encoder, pcm, 48 * ms);
      assert.ok(packets.every(({ length }) => length > 2 && length <= 1275));
      const heard = decodeAll(decoder, packets).subarray(24_000, 48_000);
      assert.ok(Math.abs(pitch(heard, 48_000, 300, 600) - 440) < 1, `${ms} ms`);
      assert.ok(Math.abs(levelDbfs(heard) - levelDbfs(pcm)) < 1.5, `${ms} ms: ${levelDbfs(heard)} dBFS`);
      encoder.close();
      decoder.close();
    }
  });

  it('sends the same packet again once silence has settled, which stays silence', async () => {
    const [encoder, decoder] = [await ready('encode'), await ready('decode')];
    decodeAll(decoder, encodeAll(encoder, sines([440], 48_000, 0.4)));
    const payload = new Uint8Array(1275);
    const packets: Uint8Array[] = [];
    for (let index = 0; index < 100; index++) {
      packets.push(payload.slice(0, encoder.silence(FRAME, payload, 0)));
    }
    assert.deepEqual(packets[50], packets[99]);
    const heard = decodeAll(decoder, packets).subarray(10 * FRAME);
    assert.ok(levelDbfs(heard) < -75, `${levelDbfs(heard)} dBFS`);
    const back = decodeAll(decoder, encodeAll(encoder, sines([440], 48_000, 0.4)));
    assert.ok(Math.abs(pitch(back.subarray(9600), 48_000, 300, 600) - 440) < 1);
    encoder.close();
    decoder.close();
  });

  it('takes a length that no frame has for nothing to send, and bytes that are no Opus for a loss', async () => {
    const [encoder, decoder] = [await ready('encode'), await ready('decode')];
    assert.equal(encoder.encode(new Int16Array(1440), 1440, new Uint8Array(2048), 0), 0);
    const frame = new Int16Array(5760);
    let seed = 7;
    const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) >> 8;
    for (let round = 0; round < 500; round++) {
      const bytes = Uint8Array.from({ length: random() % 60 }, () => random());
      const count = decoder.decode(bytes, 0, bytes.length, frame);
      assert.ok(count >= 0 && count <= 5760);
    }
    encoder.close();
    decoder.close();
    assert.equal(decoder.decode(Uint8Array.of(0x78, 1, 2), 0, 3, frame), 0, 'nothing after close');
  });

  it('codes nothing before it is ready', () => {
    const codec = new OpusFrameCodec('encode', undefined);
    assert.equal(codec.encode(new Int16Array(FRAME), FRAME, new Uint8Array(2048), 0), 0);
    codec.close();
  });

  /** Level of what is wrong when every sixth packet is lost, heard through the jitter buffer. */
  async function errorLevel(fmtp: string): Promise<number> {
    const [encoder, clean, lossy] = [
      await ready('encode', fmtp),
      await ready('decode'),
      await ready('decode'),
    ];
    // A chirp of a voice: each period differs from the last, so that only its own bits can tell what was lost.
    const voice = Int16Array.from({ length: 48 * 3000 }, (_, i) => {
      const t = i / 48_000;
      const phase = 2 * Math.PI * (140 * t + (60 / (2 * Math.PI * 3)) * Math.sin(2 * Math.PI * 3 * t));
      let sum = 0;
      for (let k = 1; k <= 12; k++) sum += Math.sin(k * phase) / k;
      return 5000 * sum * (0.6 + 0.4 * Math.sin(2 * Math.PI * 4 * t));
    });
    const packets = encodeAll(encoder, voice);
    const outputs = [clean, lossy].map((codec) => {
      const heard: number[] = [];
      const playout = new Playout({ played: (pcm, count) => void heard.push(...pcm.subarray(0, count)) });
      packets.forEach((packet, sequence) => {
        const header = Object.assign(new RtpHeader(), {
          sequence,
          ssrc: 1,
          timestamp: sequence * FRAME,
          payloadLength: packet.length,
        });
        const isLost = codec === lossy && sequence % 6 === 5;
        if (!isLost) playout.put(codec, packet, header, 20 * sequence);
        playout.tick(20 * sequence);
      });
      return heard;
    });
    const count = Math.min(outputs[0].length, outputs[1].length);
    assert.ok(count > 48 * 2500);
    for (const codec of [encoder, clean, lossy]) codec.close();
    return levelDbfs(outputs[0].slice(0, count).map((sample, i) => sample - outputs[1][i]));
  }

  it('repairs lost packets by forward error correction when the peer can', async () => {
    const [plain, corrected] = [await errorLevel(''), await errorLevel('useinbandfec=1')];
    assert.ok(corrected < plain - 3, `error ${corrected} dBFS with, ${plain} dBFS without`);
  });
});
