import assert from 'node:assert/strict';
import { join } from 'node:path';
import { build } from 'esbuild';

describe('the evidence in a browser', () => {
  it('needs nothing of Node.js', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(__dirname, '../../../lib/evidence/index.ts')],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      // Other files of the same layers use it; what is used of them here must not.
      external: ['node:*'],
    });
    const [{ text }] = outputFiles;
    assert.doesNotMatch(text, /node:|require\(|\bBuffer\b|\bprocess\./);
    assert.match(text, /sipflow-ladder/);
  });
});
