import assert from 'node:assert/strict';
import { NodeRed, request } from './support/node-red';

describe('the metrics in the admin API', function () {
  this.timeout(90_000);

  for (const [permissions, status] of [
    ['flows.read', 401],
    ['sipflow.read', 200],
  ] as const) {
    it(`answer ${status} to a user with the permission ${permissions}`, async () => {
      const nodeRed = new NodeRed();
      try {
        nodeRed.install();
        const adminAuth = { type: 'credentials', users: [], default: { permissions } };
        await nodeRed.start([{ id: 'phone', type: 'sip-instance', dn: '1001' }], {}, { adminAuth });
        const answer = await request(`${nodeRed.url}/sipflow/metrics`, {});
        const text = await answer.text();
        assert.equal(answer.status, status);
        assert.equal(/^sipflow_phones\{state="ready"\} 1$/m.test(text), status === 200, text);
        if (status === 200)
          assert.match(answer.headers.get('content-type') ?? '', /^application\/openmetrics-text;/);
      } finally {
        await nodeRed.dispose();
      }
    });
  }
});
