import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Bytes for a packet that is sent and received. A view of a buffer, a closure and an object with a few numbers are
 * some 100 bytes each; the numbers with a fraction that V8 puts on the heap are 16.
 */
const LIMIT = 256;

describe('media: what a packet allocates', () => {
  it('is next to nothing, whatever its session does', function () {
    this.timeout(120_000);
    const script = join(__dirname, '..', '..', '..', 'bench', 'media', 'allocation.ts');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
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
    assert.equal(Object.keys(figures).length, 7);
    for (const [kind, bytes] of Object.entries(figures)) {
      assert.ok(bytes < LIMIT, `${kind}: ${bytes} bytes for each packet`);
    }
  });
});
