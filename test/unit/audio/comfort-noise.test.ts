import assert from 'node:assert/strict';
import { ComfortNoise } from '../../../lib/audio/comfort-noise';
import { levelDbfs } from '../../support/audio';

describe('comfort noise', () => {
  const noiseOf = (...bytes: number[]): Int16Array => {
    const noise = new ComfortNoise();
    noise.accept(Uint8Array.of(0xff, ...bytes), 1, bytes.length);
    const pcm = new Int16Array(8000).fill(99);
    noise.fill(pcm, 8000);
    return pcm;
  };

  it('has the level that the packet names, without its parameters and its first bit', () => {
    for (const level of [10, 30, 50, 70]) {
      assert.ok(Math.abs(levelDbfs(noiseOf(level)) + level) < 1, `${level}`);
      assert.ok(Math.abs(levelDbfs(noiseOf(0x80 | level, 120, 4)) + level) < 1, `${level}`);
    }
    assert.ok(noiseOf(0).every((sample) => Math.abs(sample) < 32_768));
  });

  it('is white: neighbours know nothing of each other', () => {
    const pcm = noiseOf(20);
    let [product, energy] = [0, 0];
    for (let i = 1; i < pcm.length; i++) {
      product += pcm[i] * pcm[i - 1];
      energy += pcm[i] ** 2;
    }
    assert.ok(Math.abs(product / energy) < 0.05);
  });

  it('is silent at the lowest level, without a level, and when it stops', () => {
    assert.ok(noiseOf(127).every((sample) => sample === 0));
    assert.ok(noiseOf().every((sample) => sample === 0));
    const noise = new ComfortNoise();
    noise.accept(Uint8Array.of(20), 0, 1);
    noise.stop();
    const pcm = new Int16Array(10).fill(99);
    noise.fill(pcm, 8);
    assert.deepEqual([...pcm], [0, 0, 0, 0, 0, 0, 0, 0, 99, 99]);
  });
});
