import assert from 'node:assert/strict';
import { convertWavBytes } from '../../../lib/audio/convert';
import { decodeImaBlock, imaFramesInBlock } from '../../../lib/audio/ima-adpcm';
import { chirp, signalToErrorDb } from '../../support/audio';

const BLOCK = 256;
const FRAMES = 505;

/** The first 36 bytes of a block that sox 14.4.2 made of a chirp, and what sox decodes them to. */
const SOX_BLOCK = Buffer.from(
  '78e44400323381ebbb09533382ebbb09534391caac19522380bcac183424a8bc9c304402',
  'hex',
);
const SOX_SAMPLES = [
  -7048, -4005, -131, 3391, 6593, 7839, 7461, 5057, 997, -2877, -6399, -7771, -7356, -4710, -931, 2591, 5793,
  7871, 7493, 5089, 1029, -2845, -6367, -7739, -7324, -4678, -899, 2623, 6740, 8400, 6891, 4604, 862, -3667,
  -6710, -8370, -6861, -4574, -1, 4259, 7026, 7529, 7072, 3330, -192, -4309, -7076, -7579, -6207, -2465, 1057,
  5174, 7941, 7438, 5151, 1409, -2113, -6230, -7890, -7387, -4185, -443, 4086, 7129, 7682,
];

/**
 * Encodes mono blocks greedily: of the sixteen codes the one whose decoding comes closest. The decoder under
 * test plays the judge, so a block is extended by one code at a time.
 */
function encode(samples: Int16Array): Uint8Array[] {
  return Array.from({ length: Math.floor(samples.length / FRAMES) }, (_, i) => {
    const frames = samples.subarray(i * FRAMES, (i + 1) * FRAMES);
    const block = Buffer.alloc(BLOCK);
    block.writeInt16LE(frames[0], 0);
    block[2] = 60;
    for (let at = 4; at < BLOCK; at++) {
      const [first, second] = frames.subarray(2 * (at - 4) + 1);
      block[at] = closest(block, at, 0, 1, first);
      block[at] = closest(block, at, block[at], 16, second);
    }
    return block;
  });
}

function closest(block: Uint8Array, at: number, others: number, unit: number, wanted: number): number {
  let best = others;
  let bestError = Infinity;
  for (let code = 0; code < 16; code++) {
    block[at] = others + unit * code;
    const decoded = decode(block.subarray(0, at + 1), 1);
    const error = Math.abs(decoded[decoded.length - (unit === 1 ? 2 : 1)] - wanted);
    if (error >= bestError) continue;
    bestError = error;
    best = block[at];
  }
  return best;
}

function decode(block: Uint8Array, channels: number): Int16Array {
  const output = new Int16Array(imaFramesInBlock(block.length, channels) * channels);
  assert.equal(decodeImaBlock(block, channels, output), output.length / channels);
  return output;
}

/** A stereo block of two mono blocks: both headers, then four bytes of each in turn. */
function interleave(left: Uint8Array, right: Uint8Array): Uint8Array {
  const block = new Uint8Array(left.length * 2);
  for (let i = 0; i < left.length; i += 4) {
    block.set(left.subarray(i, i + 4), 2 * i);
    block.set(right.subarray(i, i + 4), 2 * i + 4);
  }
  return block;
}

/** A RIFF file around blocks of IMA ADPCM. */
function imaWav(blocks: Uint8Array, channels: number, blockAlign: number): Uint8Array {
  const head = Buffer.alloc(44);
  head.write('RIFF\0\0\0\0WAVEfmt ', 0, 'latin1');
  head.writeUInt32LE(36 + blocks.length, 4);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(0x11, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt16LE(blockAlign, 32);
  head.writeUInt16LE(4, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(blocks.length, 40);
  return Buffer.concat([head, blocks]);
}

describe('IMA ADPCM', () => {
  const original = chirp(200, 2000, 8000, (4 * FRAMES) / 8000);
  const blocks = encode(original);

  it('decodes what sox encoded to the samples that sox decodes', () => {
    assert.deepEqual([...decode(SOX_BLOCK, 1)], SOX_SAMPLES);
  });

  it('decodes stereo blocks: both headers, then four bytes of each channel in turn', () => {
    const block = interleave(blocks[0], blocks[1]);
    const left = decode(blocks[0], 1);
    const right = decode(blocks[1], 1);
    assert.deepEqual(
      decode(block, 2),
      Int16Array.from({ length: 2 * FRAMES }, (_, i) => (i % 2 === 0 ? left : right)[i >> 1]),
    );
  });

  it('decodes a short block as far as it goes, and nothing of half a header', () => {
    const whole = decode(blocks[1], 1);
    for (const bytes of [4, 5, 7, 100]) {
      const part = decode(blocks[1].subarray(0, bytes), 1);
      assert.equal(part.length, 1 + 2 * (bytes - 4));
      assert.deepEqual(part, whole.slice(0, part.length));
    }
    assert.equal(decode(new Uint8Array(3), 1).length, 0);
    assert.equal(decode(new Uint8Array(7), 2).length, 0);
    assert.equal(decode(new Uint8Array(15), 2).length, 2);
  });

  it('does not trust a step index beyond the table, and never leaves 16 bits', () => {
    const loud = new Uint8Array(BLOCK).fill(0x77);
    loud.set([0, 0, 255, 0]);
    assert.equal(Math.max(...decode(loud, 1)), 32_767);
  });

  it('plays a whole file, mono and stereo, with a short last block', () => {
    const data = Buffer.concat(blocks);
    const cut = data.subarray(0, data.length - 100);
    const samples = convertWavBytes(imaWav(cut, 1, BLOCK), 8000);
    assert.equal(samples.length, 4 * FRAMES - 200);
    assert.ok(signalToErrorDb(samples, original.subarray(0, samples.length)) > 20);

    const mono = convertWavBytes(imaWav(interleave(blocks[0], blocks[0]), 2, 2 * BLOCK), 8000);
    assert.deepEqual(mono, decode(blocks[0], 1));
  });
});
