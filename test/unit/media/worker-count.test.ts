import assert from 'node:assert/strict';
import { mediaWorkerCount } from '../../../lib/media/engine';

describe('media: number of workers', () => {
  it('leaves a core to Node-RED, runs at least one and at most four', () => {
    const counts = [1, 2, 3, 5, 64].map((cores) => mediaWorkerCount(undefined, {}, cores));
    assert.deepEqual(counts, [1, 1, 2, 4, 4]);
  });

  it('SIPFLOW_MEDIA_WORKERS overrides, and the caller overrides that; nonsense is ignored', () => {
    const count = (value: string, requested?: number): number =>
      mediaWorkerCount(requested, { SIPFLOW_MEDIA_WORKERS: value }, 2);
    assert.equal(count('2'), 2);
    assert.equal(count('2', 3), 3);
    assert.equal(count('many'), 1);
    assert.equal(count('0'), 1);
    assert.equal(count(''), 1);
    assert.equal(count('1000'), 32);
  });
});
