import { setImmediate as turn } from 'node:timers/promises';
import { assertNoLeaks, takeBaseline } from './leaks';

/** Leaks, test by test: a hook that fails at once would keep all other tests from running. */
const leaks: string[] = [];

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
    await assertNoLeaks().catch((error: Error) => {
      leaks.push(`${this.currentTest?.fullTitle() ?? 'a test'}: ${error.message}`);
    });
  },
  afterAll(): void {
    if (leaks.length > 0) throw new Error(`${leaks.length} tests leak:\n${leaks.join('\n')}`);
  },
};
