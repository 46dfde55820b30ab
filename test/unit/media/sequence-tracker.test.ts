import assert from 'node:assert/strict';
import { SequenceTracker } from '../../../lib/media/worker/receive/sequence-tracker';

function track(...sequences: number[]): SequenceTracker {
  const tracker = new SequenceTracker();
  for (const sequence of sequences) tracker.accept(sequence);
  return tracker;
}

function figures(tracker: SequenceTracker): number[] {
  return [tracker.received, tracker.lost, tracker.duplicates, tracker.outOfOrder];
}

describe('media: sequence numbers (RFC 3550, A.1 and A.3)', () => {
  it('counts an undisturbed stream over the wrap', () => {
    const tracker = track(65533, 65534, 65535, 0, 1, 2);
    assert.deepEqual(figures(tracker), [6, 0, 0, 0]);
    assert.equal(tracker.highest & 0xffff, 2);
  });

  it('counts loss over the wrap', () => {
    assert.deepEqual(figures(track(65534, 1, 2)), [3, 2, 0, 0]);
  });

  it('a late packet is out of order and no longer lost', () => {
    assert.deepEqual(figures(track(10, 11, 13, 12, 14)), [5, 0, 0, 1]);
  });

  it('tells a repeated packet from a late one', () => {
    assert.deepEqual(figures(track(10, 11, 11, 13, 12, 12, 10)), [4, 0, 3, 1]);
  });

  it('a packet from before the first one widens the stream', () => {
    assert.deepEqual(figures(track(100, 98, 101)), [3, 1, 0, 1]);
    assert.deepEqual(figures(track(0, 65535, 1)), [3, 0, 0, 1]);
  });

  it('a sender that starts over is not loss', () => {
    const tracker = track(10, 11, 13, 40000, 40001);
    assert.deepEqual(figures(tracker), [5, 1, 0, 0]);
  });

  it('figures add up over a new SSRC, loss included', () => {
    const tracker = track(10, 13);
    tracker.restart();
    tracker.accept(12);
    tracker.accept(14);
    assert.deepEqual(figures(tracker), [4, 3, 0, 0]);
    assert.equal(tracker.expected, 7);
  });

  it('remembers enough for a duplicate half a thousand packets later', () => {
    const tracker = new SequenceTracker();
    for (let sequence = 0; sequence < 2000; sequence++) tracker.accept(sequence & 0xffff);
    assert.equal(tracker.accept(1999 - 500), 'duplicate');
    assert.deepEqual(figures(tracker), [2000, 0, 1, 0]);
  });
});
