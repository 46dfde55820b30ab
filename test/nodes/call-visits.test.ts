import assert from 'node:assert/strict';
import { nodesOfCall, noteVisit } from '../../nodes/shared/call-visits';

describe('which nodes handled a call', () => {
  it('is told in order, the same node twice in a row once', () => {
    for (const id of ['dial', 'play', 'play', 'gather', 'play']) noteVisit({ id }, 'visited');
    assert.deepEqual(nodesOfCall('visited'), ['dial', 'play', 'gather', 'play']);
    assert.deepEqual(nodesOfCall('unknown'), []);
  });

  it('has a limit for each call, which keeps its beginning, and for the calls, of which the latest stay', () => {
    for (let n = 0; n < 200; n++) noteVisit({ id: `node-${n}` }, 'long');
    assert.equal(nodesOfCall('long').length, 50);
    assert.equal(nodesOfCall('long')[49], 'node-49');
    for (let n = 0; n < 2_000; n++) noteVisit({ id: 'dial' }, `call-${n}`);
    assert.deepEqual(nodesOfCall('long'), []);
    assert.deepEqual(nodesOfCall('call-0'), ['dial']);
    assert.deepEqual(nodesOfCall('call-1999'), ['dial']);
  });
});
