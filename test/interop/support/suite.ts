import { appendFileSync } from 'node:fs';

/** A peer that a suite has started. */
export interface RunningPeer {
  /** As its program says it, for the table. */
  version: string;
  /** What the peer wrote lately, for the report of a failed test. */
  log(): string;
  stop(): Promise<void>;
}

/** One line of the interop table. */
export interface Result {
  peer: string;
  version: string;
  /** What was verified: the title of the test. */
  verified: string;
  /** What of the table of features it covers. */
  features?: string[];
  result: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  reason?: string;
}

/** Tests against one peer; `peer()` is the running one. */
export type PeerTests<P extends RunningPeer> = (peer: () => P) => void;

/** Marks in a title what the test shows: `#hold-ours` (see `features.mjs`). */
const TAG = / #([a-z0-9-]+)/g;

/**
 * Declares the tests against a peer, which runs while they do. When the peer is not installed, that is a failure
 * where CI is true, and a skip with the advice anywhere else. Every outcome becomes a line of the interop table.
 *
 * @param advice what to do when `start` resolves to undefined, because there is no such program
 */
export function describePeer<P extends RunningPeer>(
  name: string,
  advice: string,
  start: () => Promise<P | undefined>,
  tests: PeerTests<P>,
): void {
  describe(name, () => {
    let peer: P | undefined;

    before(async function () {
      this.timeout(150000);
      peer = await start();
      if (peer) return;
      if (process.env.CI === 'true') throw new Error(`${name} is missing: ${advice}`);
      console.log(`    ${name} is not installed, so nothing is verified against it: ${advice}`);
      report({
        peer: name,
        version: '–',
        verified: 'everything',
        result: 'skipped',
        reason: 'not installed',
      });
      this.skip();
    });

    afterEach(function () {
      const test = this.currentTest;
      if (!test || !peer || test.state === undefined) return;
      const title = test.titlePath().slice(1).join(' › ');
      const features = [...title.matchAll(TAG)].map(([, feature = '']) => feature);
      const verified = title.replaceAll(TAG, '');
      const reason = test.state === 'failed' ? test.err?.message.split('\n')[0] : undefined;
      const result = test.state === 'pending' ? 'skipped' : test.state;
      report({
        peer: name,
        version: peer.version,
        verified,
        features,
        result,
        ...(reason ? { reason } : {}),
      });
      if (test.state === 'failed') console.error(`--- ${name} wrote:\n${peer.log()}\n---`);
    });

    after(async function () {
      this.timeout(20000);
      await peer?.stop();
    });

    tests(() => {
      if (!peer) throw new Error(`${name} does not run`);
      return peer;
    });
  });
}

/** Hands a line to the process that writes the table, when there is one. */
function report(result: Result): void {
  const path = process.env.SIPFLOW_INTEROP_RESULTS;
  if (path) appendFileSync(path, `${JSON.stringify(result)}\n`);
}
