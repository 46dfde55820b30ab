import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DIST = join(__dirname, '..', '..', 'dist', 'lib');

/** The layers whose modules a bundle holds, and the packages that it loads when it starts. */
function contentsOf(bundle: string): { layers: string[]; packages: string[] } {
  const text = readFileSync(join(DIST, bundle), 'utf8');
  const layers = [...text.matchAll(/^\/\/ lib\/([a-z]+)\//gm)].map(([, layer]) => layer);
  const packages = [...text.matchAll(/require\("([a-z][^":]*)"\)/g)].map(([, name]) => name);
  return { layers: [...new Set(layers)].sort(), packages: [...new Set(packages)].sort() };
}

describe('what a thread loads', () => {
  it('a media worker: no signalling, and no reader of rare WAV files', () => {
    assert.deepEqual(contentsOf('worker/main.js'), {
      layers: ['audio', 'common', 'dtmf', 'media', 'stun'],
      packages: ['alawmulaw'],
    });
  });

  it('the file worker: files and audio only', () => {
    assert.deepEqual(contentsOf('files/main.js'), {
      layers: ['audio', 'common', 'media'],
      packages: ['alawmulaw', 'wavefile'],
    });
  });
});
