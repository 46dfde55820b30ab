import assert from 'node:assert/strict';
import { Pbx } from '../support/pbx';
import { NodeRed, request } from './support/node-red';

describe('the test of a registration, asked by HTTP', function () {
  this.timeout(90000);
  const PATH = '/sipflow/test-registration';

  const running = async (settings: Record<string, unknown>, use: (nodeRed: NodeRed) => Promise<void>) => {
    const nodeRed = new NodeRed();
    try {
      nodeRed.install();
      await nodeRed.start([{ id: 'phone', type: 'sip-instance', dn: '1001' }], {}, settings);
      await use(nodeRed);
    } finally {
      await nodeRed.dispose();
    }
  };

  it('is answered to those only who may change phones', async () => {
    const adminAuth = { type: 'credentials', users: [], default: { permissions: 'read' } };
    await running({ adminAuth }, async (nodeRed) => {
      assert.ok(Array.isArray(await nodeRed.get('/flows')), 'everybody may read');
      const refused = await request(`${nodeRed.url}${PATH}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ id: 'phone', fields: {} }),
      });
      await refused.text();
      assert.equal(refused.status, 401);
    });
  });

  it('takes JSON only, which no foreign page can send, and says nothing of the password', async () => {
    const pbx = await Pbx.open({ '11001': 'secret' });
    try {
      await running({}, async (nodeRed) => {
        const form = await request(`${nodeRed.url}${PATH}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: 'id=phone&fields[dn]=11001',
        });
        await form.text();
        assert.equal(form.status, 400);
        assert.equal((await nodeRed.post(PATH, { id: 7 })).status, 400);
        const fields = { dn: '11001', bindAddress: '127.0.0.1', registrar: pbx.address };
        const { json } = await nodeRed.post(PATH, { id: 'phone', fields, password: 'secret' });
        assert.deepEqual(json, { outcome: 'registered', seconds: 120 });
        assert.equal(pbx.bindings.size, 0);
      });
    } finally {
      await pbx.close();
    }
  });
});
