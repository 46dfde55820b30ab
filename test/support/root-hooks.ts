import { assertNoLeaks, takeBaseline } from './leaks';

/** After every test file's tests: whatever a test opened must be closed again (sockets, timers, files, workers). */
export const mochaHooks = {
  beforeEach(): void {
    takeBaseline();
  },
  async afterEach(this: Mocha.Context): Promise<void> {
    if (this.currentTest?.state === 'failed') return;
    await assertNoLeaks();
  },
};
