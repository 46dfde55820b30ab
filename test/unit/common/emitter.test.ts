import assert from 'node:assert/strict';
import { SafeEmitter } from '../../../lib/common/emitter';

class Source extends SafeEmitter<{ tick: [n: number]; error: [error: Error] }> {
  fire(n: number): void {
    this.emit('tick', n);
  }
  fault(): void {
    this.emit('error', new Error('nobody listens'));
  }
}

describe('SafeEmitter', () => {
  it('calls the other listeners when one throws, and reports the fault', () => {
    const faults: string[] = [];
    const source = new Source((error, event) => faults.push(`${event}: ${(error as Error).message}`));
    const seen: number[] = [];
    source.on('tick', () => {
      throw new Error('broken listener');
    });
    source.on('tick', (n) => seen.push(n));
    source.fire(1);
    assert.deepEqual(seen, [1]);
    assert.deepEqual(faults, ['tick: broken listener']);
  });

  it('never throws for an event without listeners, not even "error"', () => {
    new Source().fault();
  });

  it('takes several listeners, and all of them away together', () => {
    const source = new Source();
    const seen: string[] = [];
    const remove = source.onEach({ tick: (n) => seen.push(`tick ${n}`), error: () => seen.push('error') });
    source.on('tick', (n) => seen.push(`other ${n}`));
    source.fire(1);
    source.fault();
    remove();
    source.fire(2);
    source.fault();
    assert.deepEqual(seen, ['tick 1', 'other 1', 'error', 'other 2']);
  });

  it('takes an object whose class has the methods, and counts it', () => {
    class Counter {
      sum = 0;
      tick(n: number): void {
        this.sum += n;
      }
    }
    const source = new Source();
    const counter = new Counter();
    const remove = source.onEach(counter);
    assert.equal(source.listenerCount('tick'), 1);
    assert.equal(source.listenerCount('error'), 0);
    source.fire(2);
    remove();
    source.fire(3);
    assert.equal(counter.sum, 2);
    assert.equal(source.listenerCount('tick'), 0);
    source.onEach(counter);
    source.removeAllListeners();
    source.fire(4);
    assert.equal(counter.sum, 2);
  });

  it('once listens once, off and the returned function stop listening, also while emitting', () => {
    const source = new Source();
    const seen: string[] = [];
    source.once('tick', (n) => seen.push(`once ${n}`));
    const remove = source.on('tick', (n) => {
      seen.push(`on ${n}`);
      remove();
    });
    source.fire(1);
    source.fire(2);
    assert.deepEqual(seen, ['once 1', 'on 1']);
    assert.equal(source.listenerCount('tick'), 0);
    source.on('tick', () => undefined);
    source.removeAllListeners();
    assert.equal(source.listenerCount('tick'), 0);
  });
});
