import assert from 'node:assert/strict';
import { CommandQueue } from '../../../lib/media/worker/command-queue';

describe('media: commands of the main thread', () => {
  /** Each command takes `costMs` of the clock; `turns` collects what was obeyed in each turn. */
  function queueOf(costMs: number): { queue: CommandQueue<number>; runTurns: () => number[][] } {
    let now = 0;
    let deferred: (() => void) | undefined;
    let obeyed: number[] = [];
    const queue = new CommandQueue<number>(
      (command) => {
        obeyed.push(command);
        now += costMs;
        if (command === 100) queue.add(101);
      },
      (turn) => (deferred = turn),
      () => now,
    );
    return {
      queue,
      runTurns() {
        const turns: number[][] = [];
        while (deferred) {
          const turn = deferred;
          deferred = undefined;
          obeyed = [];
          turn();
          turns.push(obeyed);
        }
        return turns;
      },
    };
  }

  it('obeys in order, and leaves the rest for the next turn when the budget is used up', () => {
    const { queue, runTurns } = queueOf(0.4);
    for (let command = 1; command <= 7; command++) queue.add(command);
    assert.deepEqual(runTurns(), [[1, 2, 3], [4, 5, 6], [7]]);
  });

  it('a command that takes longer than the budget has a turn for itself', () => {
    const { queue, runTurns } = queueOf(5);
    queue.add(1);
    queue.add(2);
    assert.deepEqual(runTurns(), [[1], [2]]);
  });

  it('takes commands again after it ran empty, and those that a command adds', () => {
    const { queue, runTurns } = queueOf(0.1);
    queue.add(1);
    assert.deepEqual(runTurns(), [[1]]);
    queue.add(100);
    assert.deepEqual(runTurns(), [[100, 101]]);
  });
});
