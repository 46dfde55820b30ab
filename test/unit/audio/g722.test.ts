import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { G722Decoder, G722Encoder } from '../../../lib/audio/g722';
import {
  amplitudeAt,
  chirp,
  levelDbfs,
  mix,
  noise,
  pitch,
  signalToErrorDb,
  silence,
  sines,
} from '../../support/audio';
import { seededRandom } from '../../support/random';

/** Four seconds over the whole band; what follows is what spandsp 0.0.6 makes of it at 64 kbit/s. */
const INPUT = mix(chirp(50, 7900, 16_000, 4, 12_000), noise(64_000, 800, 722));
const ENCODED_START = '7a9e74b4ae84a52020202526ac2aaf2d2f7030acac70706fb1b331b1f0b03274b270f1b276f2f4f4';
const ENCODED_SHA256 = '41ab2871e7ff6e47a4675ebf86064f5c8974902715155e0357dbc581c3c946ea';
/** Samples 40 to 79, little-endian. */
const DECODED_PART =
  '4a0fc8123f15fd12b3139f1453152914de16481a6f1c0c200d1ea61cf21b0a1ca81d331efc1f09211e1f8420501fe320' +
  'c4243925cd229d26ec27242b5f274a26a729482465251629bf26092c922ed72c';
const DECODED_SHA256 = 'a74fdcede7fa2b8380b198a0ae9056e86921fd6a05bf7c580b3c9223caaf190d';

/** From the input of the encoder to the output of the decoder, in samples. */
const DELAY = 22;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function encode(samples: Int16Array): Buffer {
  const output = Buffer.alloc(samples.length / 2);
  assert.equal(new G722Encoder().encode(samples, output), output.length);
  return output;
}

function decode(bytes: Uint8Array): Int16Array {
  const output = new Int16Array(bytes.length * 2);
  assert.equal(new G722Decoder().decode(bytes, output), output.length);
  return output;
}

function littleEndian(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, i) => bytes.writeInt16LE(sample, 2 * i));
  return bytes;
}

describe('G.722', () => {
  it('encodes bit by bit as spandsp does', () => {
    const bytes = encode(INPUT);
    assert.equal(bytes.subarray(0, 40).toString('hex'), ENCODED_START);
    assert.equal(sha256(bytes), ENCODED_SHA256);
  });

  it('decodes bit by bit as spandsp does', () => {
    const bytes = littleEndian(decode(encode(INPUT)));
    assert.equal(bytes.subarray(80, 160).toString('hex'), DECODED_PART);
    assert.equal(sha256(bytes), DECODED_SHA256);
  });

  it('does not depend on how the stream is cut into packets, and writes only its range', () => {
    const whole = encode(INPUT);
    const encoder = new G722Encoder();
    const decoder = new G722Decoder();
    const packet = Buffer.alloc(200, 0xee);
    const samples = new Int16Array(400).fill(77);
    const decoded = decode(whole);
    for (let i = 0; i < INPUT.length; i += 320) {
      assert.equal(encoder.encode(INPUT, packet, 12, i, 320), 160);
      assert.deepEqual(packet.subarray(12, 172), whole.subarray(i / 2, i / 2 + 160));
      assert.equal(decoder.decode(packet, samples, 5, 12, 160), 320);
      assert.deepEqual(samples.subarray(5, 325), decoded.subarray(i, i + 320));
    }
    assert.ok(packet.subarray(0, 12).every((byte) => byte === 0xee));
    assert.ok(packet.subarray(172).every((byte) => byte === 0xee));
    assert.ok(samples.subarray(325).every((sample) => sample === 77));
    assert.equal(encoder.encode(Int16Array.of(1, 2, 3), packet), 1);
  });

  it('carries both sub-bands with pitch and level', () => {
    for (const hz of [440, 3000, 5000, 6500]) {
      const input = sines([hz], 16_000, 1);
      const output = decode(encode(input));
      assert.ok(Math.abs(pitch(output.subarray(1600), 16_000, hz - 50, hz + 50) - hz) < 0.5);
      assert.ok(
        Math.abs(20 * Math.log10(amplitudeAt(output.subarray(1600), hz, 16_000) / 8000)) < 0.3,
        `${hz} Hz`,
      );
    }
  });

  it('delays by 22 samples and keeps the shape', () => {
    const input = sines([300, 900, 1700], 16_000, 1, 3000);
    const output = decode(encode(input));
    const part = (samples: Int16Array, from: number) => samples.subarray(from, from + 12_000);
    assert.ok(signalToErrorDb(part(output, 2000 + DELAY), part(input, 2000)) > 30);
  });

  it('stays silent on silence', () => {
    assert.ok(levelDbfs(decode(encode(silence(16_000, 1))).subarray(1600)) < -75);
  });

  it('limits what is too loud instead of wrapping around', () => {
    const square = Int16Array.from({ length: 16_000 }, (_, i) => (Math.floor(i / 40) % 2 ? 32_767 : -32_768));
    const output = decode(encode(square));
    assert.equal(Math.max(...output), 32_767);
    for (let i = 400; i < 15_000; i++) {
      const middle = i % 40 > 15 && i % 40 < 30;
      if (middle) assert.equal(Math.sign(output[i + DELAY]), Math.sign(square[i]), `sample ${i}`);
    }
  });

  it('decodes any bytes, and finds back to the signal after losing some', () => {
    const random = seededRandom(722);
    decode(Uint8Array.from({ length: 100_000 }, () => Math.floor(random() * 256)));

    const input = sines([500, 1200], 16_000, 2, 4000);
    const bytes = encode(input);
    const output = decode(Buffer.concat([bytes.subarray(0, 8000), bytes.subarray(8160)]));
    const part = output.subarray(16_000 + 4000 + DELAY, 16_000 + 8000 + DELAY);
    assert.ok(signalToErrorDb(part, input.subarray(16_320 + 4000, 16_320 + 8000)) > 20);
  });
});
