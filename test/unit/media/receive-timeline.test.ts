import assert from 'node:assert/strict';
import { JitterEstimator } from '../../../lib/media/worker/receive/jitter';
import { ReceiveTimeline } from '../../../lib/media/worker/receive/receive-timeline';

describe('media: placing received audio on the session clock', () => {
  const place = (timeline: ReceiveTimeline, timestamp: number, arrivalMs: number): number =>
    timeline.place(timestamp >>> 0, arrivalMs * 8, 8000, 8000) / 8;

  it('anchors at the first arrival and then follows the timestamps, whatever the jitter', () => {
    const timeline = new ReceiveTimeline();
    const places = [0, 1, 2, 3, 4].map((index) =>
      place(timeline, 1000 + 160 * index, 500 + 20 * index + [0, 7, 0, 30, 3][index]),
    );
    assert.deepEqual(places, [500, 520, 540, 560, 580]);
  });

  it('keeps gaps, puts reordered packets in order, and survives the wrap of the timestamp', () => {
    const timeline = new ReceiveTimeline();
    const start = 0xffffffff - 200;
    assert.equal(place(timeline, start, 100), 100);
    assert.equal(place(timeline, start + 5 * 160, 200), 200);
    assert.equal(place(timeline, start + 4 * 160, 205), 180);
    assert.equal(place(timeline, start + 6 * 160, 221), 220);
  });

  it('places samples of a codec whose clock is half its sample rate (G.722)', () => {
    const timeline = new ReceiveTimeline();
    assert.equal(timeline.place(0, 1600, 8000, 16000), 1600);
    assert.equal(timeline.place(160, 1930, 8000, 16000), 1920);
  });

  it('starts over when timestamps jump in either direction', () => {
    for (const jump of [100_000, -100_000]) {
      const timeline = new ReceiveTimeline();
      place(timeline, 200_000, 0);
      assert.equal(place(timeline, 200_000 + jump, 20), 20);
      assert.equal(place(timeline, 200_160 + jump, 45), 40);
    }
  });

  it('a few late packets keep their place; a path that stays longer moves it', () => {
    const timeline = new ReceiveTimeline();
    const arrivals = Array.from({ length: 30 }, (_, index) => 20 * index + (index >= 10 ? 300 : 0));
    const places = arrivals.map((arrival, index) => place(timeline, 160 * index, arrival));
    assert.deepEqual(
      places.slice(0, 19),
      arrivals.slice(0, 19).map((_, index) => 20 * index),
    );
    assert.deepEqual(places.slice(19), arrivals.slice(19));
  });

  it('packets that were read late, all at once, keep their place: the thread was held up, not the path', () => {
    const timeline = new ReceiveTimeline();
    const heldUpUntil = 700;
    for (let index = 0; index < 60; index++) {
      const sent = 20 * index;
      const arrival = sent >= 200 ? Math.max(sent, heldUpUntil + index / 100) : sent;
      assert.equal(place(timeline, 160 * index, arrival), sent);
      assert.equal(timeline.restarted, index === 0);
    }
  });
});

describe('media: interarrival jitter (RFC 3550, A.8)', () => {
  it('is zero for a steady stream, over the wrap of the timestamp too', () => {
    const jitter = new JitterEstimator();
    for (let index = 0; index < 100; index++)
      jitter.accept(20 * index, (0xfffffff0 + 160 * index) >>> 0, 8000);
    assert.ok(jitter.ms < 1e-9);
  });

  it('approaches the mean difference of spacing', () => {
    const jitter = new JitterEstimator();
    for (let index = 0; index < 500; index++) {
      jitter.accept(20 * index + (index % 2) * 4, 160 * index, 8000);
    }
    assert.ok(Math.abs(jitter.ms - 4) < 0.01, String(jitter.ms));
  });

  it('does not count a pause of the sender, nor packets that repeat a timestamp', () => {
    const jitter = new JitterEstimator();
    jitter.accept(0, 0, 8000);
    jitter.accept(1000, 8000, 8000);
    jitter.accept(1010, 8000, 8000);
    jitter.restart();
    jitter.accept(5000, 1, 8000);
    assert.equal(jitter.ms, 0);
  });
});
