import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DgramDriver } from '../../../lib/media/worker/datagrams';
import { WheelDriver } from '../../../lib/media/worker/wheel-driver';
import type { WheelEntry } from '../../../lib/media/worker/wheel';

/** What keeps the event loop from sleeping, or wakes it at a time. */
const wakers = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'Immediate');

/** How many there are without a wheel; the test's own time limit begins only when the test waits. */
async function quiet(): Promise<number> {
  await nextTurn();
  return wakers().length;
}

/** An entry that is due every 5 ms, and a promise of its nth turn. */
function metronome(driver: WheelDriver, turns: number): { entry: WheelEntry; turned: Promise<void> } {
  let left = turns;
  let done: () => void = () => undefined;
  const turned = new Promise<void>((resolve) => (done = resolve));
  const entry: WheelEntry = {
    due: driver.quietest(5),
    onDue(): void {
      this.due += 5;
      if (--left === 0) done();
    },
  };
  return { entry, turned };
}

describe('the driver of a slot wheel', () => {
  it('sleeps without a timer before its first entry and after its last, and wakes for another', async () => {
    const before = await quiet();
    const driver = new WheelDriver(new DgramDriver());
    for (let round = 0; round < 2; round++) {
      const { entry, turned } = metronome(driver, 3);
      assert.equal(wakers().length, before, 'asleep');
      driver.add(entry);
      assert.ok(wakers().length > before, 'awake');
      await turned;
      driver.remove(entry);
      // The turn that was asked for already finds nothing and asks for none.
      await nextTurn();
      await nextTurn();
      assert.equal(wakers().length, before, 'asleep again');
    }
  });

  it('leaves no timer when it is stopped with entries', async () => {
    const before = await quiet();
    const driver = new WheelDriver(new DgramDriver());
    const { entry, turned } = metronome(driver, 1);
    driver.add(entry);
    await turned;
    driver.stop();
    assert.equal(wakers().length, before);
  });
});
