import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Bytes for a packet that is sent and received. Its share of the reports is 8 to 12, and that of the blocks of a
 * recording 8 more; a single number that V8 puts on the heap for each packet would be 16, and a view of a buffer 100.
 */
const LIMIT = 30;

describe('media: what a packet allocates', () => {
  it('is its share of the reports and nothing else, whatever its session does', function () {
    this.timeout(120_000);
    // On a busy machine V8 may still compile while it is measured.
    this.retries(1);
    const script = join(__dirname, '..', '..', '..', 'bench', 'media', 'allocation.ts');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        // What does not allocate only as long as V8 inlines a call would allocate in a worker that does other things too.
        '--no-turbo-inlining',
        '--expose-gc',
        '--min-semi-space-size=64',
        '--max-semi-space-size=64',
        '--require',
        require.resolve('tsx/cjs'),
        script,
      ],
      { encoding: 'utf8' },
    );
    assert.ok(stdout, stderr);
    const figures = JSON.parse(stdout) as Record<string, number>;
    assert.equal(Object.keys(figures).length, 11);
    for (const [kind, bytes] of Object.entries(figures)) {
      assert.ok(bytes < LIMIT, `${kind}: ${bytes} bytes for each packet`);
    }
  });
});
