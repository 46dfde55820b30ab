import assert from 'node:assert/strict';
import { Flow } from './support/flow';
import { unpacked } from './support/programs';
import { registrar, scenario } from './support/scenario';
import { Sipp } from './support/sipp';
import { describePeer } from './support/suite';

describePeer(
  'SIPp as a registrar',
  'unpack it with "npm run test:interop -- --fetch"',
  () => Sipp.open(unpacked('sipp', 'usr/bin/sipp')),
  (sipp) => {
    let flow: Flow | undefined;
    afterEach(async () => {
      await flow?.close();
      flow = undefined;
      await sipp().clean();
    });
    const open = async (port: number): Promise<Flow> =>
      (flow = await Flow.open({
        user: 'desk',
        password: 'secret',
        fields: { registrar: `127.0.0.1:${port}`, registerExpires: '20' },
      }));

    for (const [algorithm, tag] of [
      ['MD5', 'md5'],
      ['SHA-256', 'sha256'],
    ] as const) {
      it(`${algorithm} digest, which it verifies, and its end #register-${tag}`, async () => {
        const peer = await sipp().callee(scenario('registrar', registrar(algorithm, 3600)));
        const phone = await open(peer.port);
        await phone.registration('desk');
        await phone.close();
        flow = undefined;
        assert.equal(await peer.ended, 0);
        assert.match(peer.messages(), new RegExp(`algorithm="?${algorithm}"?`));
      });
    }

    it('again after it was killed and started with nothing in mind #register-restart', async () => {
      const first = await sipp().callee(scenario('registrar', registrar('MD5', 2)));
      const phone = await open(first.port);
      await phone.registration('desk');
      first.kill();
      await first.ended;
      const second = await sipp().callee(scenario('registrar', registrar('MD5', 3600)), [], first.port);
      await phone.registration('desk');
      await phone.close();
      flow = undefined;
      assert.equal(await second.ended, 0);
    });
  },
);
