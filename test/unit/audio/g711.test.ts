import assert from 'node:assert/strict';
import { alaw, mulaw } from 'alawmulaw';
import {
  decodePcma,
  decodePcmu,
  encodePcma,
  encodePcmu,
  LINEAR_TO_PCMA,
  LINEAR_TO_PCMU,
  PCMA_SILENCE,
  PCMA_TO_LINEAR,
  PCMA_TO_PCMU,
  PCMU_SILENCE,
  PCMU_TO_LINEAR,
  PCMU_TO_PCMA,
  transcodeG711,
} from '../../../lib/audio/g711';

const EVERY_SAMPLE = Int16Array.from({ length: 0x10000 }, (_, i) => i - 0x8000);
const EVERY_CODE = Uint8Array.from({ length: 0x100 }, (_, i) => i);

/** Decision values of G.711 (tables 1a and 2a): a code's index is the number of decision values at or below the magnitude. */
function decisionValues(steps: readonly [count: number, width: number][]): number[] {
  const values: number[] = [];
  let value = 0;
  for (const [count, width] of steps) {
    for (let i = 0; i < count; i++) values.push((value += width));
  }
  return values;
}

const MU_DECISIONS = decisionValues([
  [1, 1],
  [15, 2],
  [16, 4],
  [16, 8],
  [16, 16],
  [16, 32],
  [16, 64],
  [16, 128],
  [15, 256],
]);
const A_DECISIONS = decisionValues([
  [32, 1],
  [16, 2],
  [16, 4],
  [16, 8],
  [16, 16],
  [16, 32],
  [15, 64],
]);

function countAtOrBelow(decisions: readonly number[], magnitude: number): number {
  return decisions.filter((value) => value <= magnitude).length;
}

/** G.191 truncates the one's complement of negative samples to 14 (mu) or 12 (A) magnitude bits. */
function expectedPcmu(sample: number): number {
  const index = countAtOrBelow(MU_DECISIONS, Math.floor((sample < 0 ? -1 - sample : sample) / 4));
  return (sample < 0 ? 0x7f : 0xff) - index;
}

function expectedPcma(sample: number): number {
  const index = countAtOrBelow(A_DECISIONS, Math.floor((sample < 0 ? -1 - sample : sample) / 16));
  return ((sample < 0 ? 0x00 : 0x80) + index) ^ 0x55;
}

describe('G.711', () => {
  it('encodes all 65,536 inputs by the rule of G.191, built here from the decision values of G.711', () => {
    const mu = new Uint8Array(EVERY_SAMPLE.length);
    const a = new Uint8Array(EVERY_SAMPLE.length);
    encodePcmu(EVERY_SAMPLE, mu);
    encodePcma(EVERY_SAMPLE, a);
    for (let i = 0; i < EVERY_SAMPLE.length; i++) {
      const sample = EVERY_SAMPLE[i];
      if (mu[i] !== expectedPcmu(sample)) assert.equal(mu[i], expectedPcmu(sample), `PCMU of ${sample}`);
      if (a[i] !== expectedPcma(sample)) assert.equal(a[i], expectedPcma(sample), `PCMA of ${sample}`);
    }
  });

  it('decodes every code as alawmulaw does', () => {
    const fromMu = new Int16Array(256);
    const fromA = new Int16Array(256);
    decodePcmu(EVERY_CODE, fromMu);
    decodePcma(EVERY_CODE, fromA);
    assert.deepEqual(fromMu, mulaw.decode(EVERY_CODE));
    assert.deepEqual(fromA, alaw.decode(EVERY_CODE));
  });

  it('gives every code back after decoding and encoding, but for the negative zero of PCMU', () => {
    for (const code of EVERY_CODE) {
      assert.equal(LINEAR_TO_PCMA[PCMA_TO_LINEAR[code] & 0xffff], code);
      assert.equal(LINEAR_TO_PCMU[PCMU_TO_LINEAR[code] & 0xffff], code === 0x7f ? 0xff : code);
    }
  });

  it('knows silence', () => {
    assert.equal(LINEAR_TO_PCMU[0], PCMU_SILENCE);
    assert.equal(LINEAR_TO_PCMA[0], PCMA_SILENCE);
    assert.equal(PCMU_TO_PCMA[PCMU_SILENCE], PCMA_SILENCE);
  });

  it('transcodes as decoding and encoding would', () => {
    const samples = new Int16Array(256);
    const expected = new Uint8Array(256);
    const actual = new Uint8Array(256);

    decodePcmu(EVERY_CODE, samples);
    encodePcma(samples, expected);
    transcodeG711(PCMU_TO_PCMA, EVERY_CODE, actual);
    assert.deepEqual(actual, expected);

    decodePcma(EVERY_CODE, samples);
    encodePcmu(samples, expected);
    transcodeG711(PCMA_TO_PCMU, EVERY_CODE, actual);
    assert.deepEqual(actual, expected);
  });

  it('writes only the range it was given', () => {
    const payload = new Uint8Array(8).fill(0x11);
    encodePcmu(Int16Array.of(1000, 0, 0, 1000), payload, 3, 1, 2);
    assert.equal(Buffer.from(payload).toString('hex'), '111111ffff111111');

    const samples = new Int16Array(4).fill(7);
    decodePcma(Uint8Array.of(0, PCMA_SILENCE, 0), samples, 2, 1, 1);
    assert.deepEqual([...samples], [7, 7, 8, 7]);
  });
});
