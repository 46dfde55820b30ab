import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorld } from '../../lib';
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

    it('example 18: all rows pass against the PBX by one command, and a wrong row fails with its reason', async function () {
      this.timeout(120000);
      const run = async (rows: string): Promise<{ code: number | null; text: string }> => {
        const folder = mkdtempSync(join(tmpdir(), 'sipflow-pbx-'));
        try {
          const name = '18 - PBX regression';
          const flow = exampleFlow(`${name}.json`).map((node) =>
            node.name === 'PBX account' ? { ...node, dn: 'desk' } : node,
          );
          writeFileSync(join(folder, `${name}.json`), JSON.stringify(flow));
          writeFileSync(join(folder, `${name}.csv`), `feature,number,status,to\n${rows}`);
          const env = {
            ...process.env,
            PBX_HOST: asterisk().address,
            SIPFLOW_CREDENTIAL_PBX_ACCOUNT_PASSWORD: 'secret',
          };
          const command = [join(root, 'dist/cli/main.js'), 'test', `${name}.json`];
          const child = spawn(process.execPath, command, { cwd: folder, env });
          let text = '';
          for (const stream of [child.stdout, child.stderr])
            stream.on('data', (data: Buffer) => (text += data.toString()));
          const [code] = (await once(child, 'close')) as [number | null];
          return { code, text };
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      };
      const world = createWorld();
      const office = world.phone({
        ...{ number: 'office', mode: 'network', registrar: asterisk().address, password: 'secret' },
        ...{ bindAddress: '127.0.0.1', port: 0 },
      });
      office.onCall((call) => void call.answer());
      await office.start();
      await eventually('the registration of the office', async () =>
        (await asterisk().cli('pjsip show contacts')).includes('office/sip:office@') ? true : undefined,
      );
      const all = await run(
        'extension,echo,200,\ntransfer,office,200,tone440\nhold,echo,200,\nbusy,486,486,\nvoicemail,tone440,200,\n',
      );
      await world.close();
      assert.equal(all.code, 0, all.text);
      assert.match(all.text, /5 passed/);
      const wrong = await run('extension,echo,200,\nbusy,404,486,\n');
      assert.equal(wrong.code, 1, wrong.text);
      assert.match(wrong.text, /status is 486[^]*404/);
    });
  },
);
