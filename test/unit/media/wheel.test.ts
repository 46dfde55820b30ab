import assert from 'node:assert/strict';
import { SlotWheel, type WheelEntry } from '../../../lib/media/worker/wheel';

class Periodic implements WheelEntry {
  readonly ran: number[] = [];
  constructor(
    public due: number,
    private readonly period: number,
  ) {}
  onDue(now: number): void {
    this.ran.push(now);
    const late = now - this.due;
    this.due += this.period * (1 + Math.floor(late / this.period));
  }
}

describe('media: slot wheel', () => {
  it('runs each entry at its deadlines, on an absolute grid that lateness does not shift', () => {
    const wheel = new SlotWheel(0);
    const entries = [new Periodic(3, 20), new Periodic(7, 10), new Periodic(7, 60)];
    for (const entry of entries) wheel.add(entry);
    for (let now = 0; now < 130; now += 0.7) wheel.advance(() => now);
    assert.deepEqual(
      entries.map((entry) => entry.ran.map(Math.floor)),
      [
        [3, 23, 43, 63, 83, 103, 123],
        [7, 17, 27, 37, 47, 57, 67, 77, 87, 97, 107, 117, 127],
        [7, 67, 127],
      ],
    );
  });

  it('pitfall 5: after a stall every entry runs once, and then on its old grid', () => {
    const wheel = new SlotWheel(0);
    const entry = new Periodic(5, 20);
    wheel.add(entry);
    wheel.advance(() => 5);
    wheel.advance(() => 1000.5);
    assert.deepEqual(entry.ran, [5, 1000.5]);
    for (let now = 1001; now < 1030; now++) wheel.advance(() => now);
    assert.deepEqual(entry.ran, [5, 1000.5, 1005, 1025]);
  });

  it('spreads entries over the slots of one packet time', () => {
    const wheel = new SlotWheel(100);
    const slots = new Map<number, number>();
    for (let index = 0; index < 100; index++) {
      const due = wheel.quietest(100, 20);
      assert.ok(due > 100 && due <= 120, String(due));
      slots.set(due, (slots.get(due) ?? 0) + 1);
      wheel.add(new Periodic(due, 20));
    }
    assert.equal(slots.size, 20);
    for (const count of slots.values()) assert.equal(count, 5);
  });

  it('keeps the order of the entries of a slot from turn to turn, also around one that leaves', () => {
    const wheel = new SlotWheel(0);
    const order: number[] = [];
    const entries = Array.from({ length: 5 }, (_, number) => {
      const entry = new Periodic(5, 20);
      const onDue = entry.onDue.bind(entry);
      entry.onDue = (now) => {
        order.push(number);
        onDue(now);
      };
      wheel.add(entry);
      return entry;
    });
    for (let now = 0; now < 50; now++) wheel.advance(() => now);
    assert.deepEqual(order.splice(0), [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    wheel.remove(entries[1]);
    wheel.remove(entries[4]);
    assert.equal(wheel.size, 3);
    for (let now = 50; now < 100; now++) wheel.advance(() => now);
    assert.deepEqual(order, [0, 2, 3, 0, 2, 3]);
  });

  it('says when something is next due, and nothing when it is empty', () => {
    const wheel = new SlotWheel(10);
    assert.equal(wheel.nextDue(), Infinity);
    const entry = new Periodic(42, 20);
    wheel.add(entry);
    assert.equal(wheel.nextDue(), 42);
    wheel.remove(entry);
    assert.equal(wheel.nextDue(), Infinity);
    assert.equal(wheel.size, 0);
  });

  it('an entry can end itself, and remove another one of its slot, while it runs', () => {
    const wheel = new SlotWheel(0);
    const victims = [new Periodic(5, 20), new Periodic(5, 20)];
    const killer: WheelEntry = {
      due: 5,
      onDue() {
        for (const victim of victims) wheel.remove(victim);
        killer.due = Infinity;
      },
    };
    wheel.add(victims[0]);
    wheel.add(killer);
    wheel.add(victims[1]);
    for (let now = 0; now < 300; now++) wheel.advance(() => now);
    assert.deepEqual(
      victims.map((victim) => victim.ran.length),
      [1, 0],
    );
    assert.equal(wheel.size, 0);
  });

  it('a deadline in the past runs at the next turn instead of a revolution later', () => {
    const wheel = new SlotWheel(1000);
    const entry = new Periodic(500, 20);
    wheel.add(entry);
    wheel.advance(() => 1001.2);
    assert.deepEqual(entry.ran, [1001.2]);
  });

  it('lets all entries of a slot be punctual before the first of them settles, also around one that leaves', () => {
    const wheel = new SlotWheel(0);
    const log: string[] = [];
    const entries = ['a', 'b', 'c'].map((name) => ({
      due: 5,
      onDue(): void {
        log.push(name);
        this.due += 20;
      },
      settle(): void {
        log.push(name.toUpperCase());
        if (name === 'a') wheel.remove(entries[1]);
      },
    }));
    for (const entry of entries) wheel.add(entry);
    for (let now = 0; now < 30; now++) wheel.advance(() => now);
    assert.equal(log.join(''), 'abcACacAC');
    assert.equal(wheel.size, 2);
  });
});
