import { setImmediate as turn } from 'node:timers/promises';
import { assertNoLeaks, takeBaseline } from './leaks';

/** After every test: whatever a test opened must be closed again (sockets, timers, files, workers). */
export const mochaHooks = {
  async beforeEach(): Promise<void> {
    // Mocha starts the time-out of an asynchronous hook after its first turn: count it on both sides alike.
    await turn();
    takeBaseline();
  },
  async afterEach(this: Mocha.Context): Promise<void> {
    if (this.currentTest?.state === 'failed') return;
    await turn();
    await assertNoLeaks();
  },
};
