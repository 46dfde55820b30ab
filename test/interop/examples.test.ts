import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exampleFlow, NodeRed, root, withVariables } from '../package/support/node-red';
import { Asterisk } from './support/asterisk';
import { eventually } from './support/peer-process';
import { describePeer } from './support/suite';

const PHONE = 'sf10a00000010001';

describePeer(
  'Asterisk and a real Node-RED',
  'unpack it with "npm run test:interop -- --fetch"',
  () => Asterisk.open(),
  (asterisk) => {
    const nodeRed = new NodeRed();
    before(async function () {
      this.timeout(120000);
      const file = readdirSync(join(root, 'examples')).find((name) => name.startsWith('10 ')) ?? '';
      const variables = { PBX: asterisk().address, PBX_USER: 'desk', PBX_EXTENSION: 'echo' };
      nodeRed.install();
      await nodeRed.start(withVariables(exampleFlow(file), variables), { [PHONE]: { password: 'secret' } });
      await eventually('the registration', async () =>
        (await asterisk().cli('pjsip show contacts')).includes('desk/sip:desk@') ? true : undefined,
      );
    });
    after(() => nodeRed.dispose());

    it('example 10: the phone calls an extension and plays its greeting', async () => {
      const { json } = await nodeRed.post('/demo/pbx', {});
      assert.equal(json.ok, true, JSON.stringify(json));
      assert.ok(Number(json.callMs) > 1000);
    });

    it('example 10: an extension that is busy is told', async () => {
      const { json } = await nodeRed.post('/demo/pbx', { to: '486' });
      assert.deepEqual([json.ok, json.status], [false, 486]);
    });

    it('example 10: the phone is called, plays its announcement and hangs up', async () => {
      await asterisk().call('desk', 'Echo');
      await eventually('the call to come', async () =>
        (await asterisk().cli('core show channels')).includes('1 active channel') ? true : undefined,
      );
      await eventually(
        'the call to end',
        async () =>
          (await asterisk().cli('core show channels')).includes('0 active channels') ? true : undefined,
        30000,
      );
    });
  },
);
