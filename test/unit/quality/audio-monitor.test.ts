import assert from 'node:assert/strict';
import { AudioMonitor } from '../../../lib/media/quality/index';

function sine(peak: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) => Math.round(peak * Math.sin((2 * Math.PI * i) / 16)));
}

function near(actual: number | undefined, expected: number, tolerance = 0.05): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < tolerance, `${actual}, not ${expected}`);
}

describe('audio monitor', () => {
  it('measures level and peak: a full-scale sine has −3 dBFS and peaks at 0', () => {
    const monitor = new AudioMonitor(8000);
    monitor.accept(sine(32767, 8000), 0, 8000);
    near(monitor.levelDbfs, -3.01);
    near(monitor.peakDbfs, 0);
    monitor.reset();
    monitor.accept(sine(3276.7, 8000), 0, 8000);
    near(monitor.levelDbfs, -23.01);
    near(monitor.peakDbfs, -20);
  });

  it('takes digital silence of both G.711 laws for silence', () => {
    const monitor = new AudioMonitor(8000);
    assert.equal(monitor.levelDbfs, -Infinity);
    assert.equal(monitor.silenceShare, undefined);
    monitor.accept(
      Int16Array.from({ length: 800 }, (_, i) => (i % 2 === 0 ? 8 : -8)),
      0,
      800,
    );
    monitor.accept(new Int16Array(800), 0, 800);
    assert.equal(monitor.levelDbfs, -Infinity);
    assert.equal(monitor.peakDbfs, -Infinity);
    assert.equal(monitor.silenceShare, 1);
  });

  it('tells silence by stretches of 10 ms, whatever the frames are', () => {
    for (const rate of [8000, 16000]) {
      const pcm = new Int16Array(rate);
      pcm.set(sine(8000, rate / 4), rate / 2);
      // Hum at −50 dBFS is silence too.
      pcm.set(sine(146, rate / 4), 0);
      for (const frame of [1, 37, rate / 50, rate]) {
        const monitor = new AudioMonitor(rate);
        for (let at = 0; at < pcm.length; at += frame)
          monitor.accept(pcm, at, Math.min(frame, pcm.length - at));
        near(monitor.silenceShare, 0.75, 0.001);
      }
    }
  });

  it('takes another level for the limit of silence', () => {
    const monitor = new AudioMonitor(8000, -60);
    monitor.accept(sine(146, 800), 0, 800);
    assert.equal(monitor.silenceShare, 0);
  });

  it('counts clipping by runs of three samples or more, over frame borders', () => {
    const monitor = new AudioMonitor(8000);
    const pcm = new Int16Array(160);
    pcm.set([32767, 32767], 10);
    pcm.set([32124, 32767, 32767, 32124], 50);
    pcm.set([-32768, -32768, -32768], 100);
    pcm.set([32767, 32767], 158);
    monitor.accept(pcm, 0, 160);
    assert.equal(monitor.clippings, 2);
    assert.equal(monitor.clippedSamples, 7);
    monitor.accept(Int16Array.of(0, 32767, 0), 1, 1);
    assert.equal(monitor.clippings, 3);
    assert.equal(monitor.clippedSamples, 10);
    monitor.accept(sine(32000, 1600), 0, 1600);
    assert.equal(monitor.clippings, 3, 'loud is not clipped');
  });

  it('measures only the range it was given', () => {
    const monitor = new AudioMonitor(8000);
    const pcm = new Int16Array(400).fill(32767);
    pcm.fill(0, 100, 260);
    monitor.accept(pcm, 100, 160);
    assert.equal(monitor.levelDbfs, -Infinity);
    assert.equal(monitor.clippings, 0);
  });
});
