import assert from 'node:assert/strict';
import { once } from 'node:events';
import { systemClock } from '../../../lib/common';
import { SharedTimers } from '../../../lib/common/shared-timers';

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => void systemClock.setTimeout(resolve, ms));

describe('timers that share one of Node.js', () => {
  it('fire in the order in which they were set, and not too early', async () => {
    const fired: number[] = [];
    const began = performance.now();
    for (const id of [1, 2, 3]) systemClock.setTimeout(() => fired.push(id), 20);
    await wait(20);
    assert.deepEqual(fired, [1, 2, 3]);
    assert.ok(performance.now() - began >= 20);
  });

  it('do not fire once they are cleared, wherever they stand in their queue', async () => {
    const fired: string[] = [];
    const [first, middle, last] = ['first', 'middle', 'last'].map((name) =>
      systemClock.setTimeout(() => fired.push(name), 20),
    );
    systemClock.setTimeout(() => fired.push('kept'), 20);
    systemClock.clearTimeout(middle);
    systemClock.clearTimeout(first);
    systemClock.clearTimeout(last);
    systemClock.clearTimeout(last);
    await wait(20);
    assert.deepEqual(fired, ['kept']);
  });

  it('may be set and cleared while others fire', async () => {
    const fired: string[] = [];
    const later = new Promise<void>((resolve) => {
      systemClock.setTimeout(() => {
        systemClock.clearTimeout(next);
        systemClock.setTimeout(() => {
          fired.push('anew');
          resolve();
        }, 15);
      }, 15);
    });
    const next = systemClock.setTimeout(() => fired.push('next'), 15);
    await later;
    assert.deepEqual(fired, ['anew']);
  });

  it('keep the process alive only while one of them waits', async () => {
    const resources = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = resources();
    const timers = [1, 2].map(() => systemClock.setTimeout(() => undefined, 61_234));
    assert.equal(resources(), before + 1);
    for (const timer of timers) systemClock.clearTimeout(timer);
    assert.equal(resources(), before);
    const again = systemClock.setTimeout(() => undefined, 61_234);
    assert.equal(resources(), before + 1);
    systemClock.clearTimeout(again);
    assert.equal(resources(), before);
  });

  it('go on after one that throws', async () => {
    const shared = new SharedTimers();
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = once(process, 'uncaughtException');
    const kept = new Promise<void>((resolve) => {
      shared.set(() => {
        throw new Error('of a callback');
      }, 5);
      shared.set(resolve, 5);
    });
    const [error] = (await caught) as [Error];
    for (const listener of listeners) process.on('uncaughtException', listener);
    assert.equal(error.message, 'of a callback');
    await kept;
  });

  it('are of whole milliseconds: any other wait has its own', () => {
    assert.deepEqual(
      [1, 32_000, 2 ** 31 - 1].map((ms) => SharedTimers.suits(ms)),
      [true, true, true],
    );
    assert.deepEqual(
      [0, -1, 0.5, NaN, Infinity, 2 ** 31].map((ms) => SharedTimers.suits(ms)),
      [false, false, false, false, false, false],
    );
  });
});
