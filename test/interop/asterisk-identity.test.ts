import assert from 'node:assert/strict';
import { Asterisk } from './support/asterisk';
import { Flow, type Account } from './support/flow';
import { describePeer } from './support/suite';

describePeer(
  'Asterisk: identity',
  'unpack it with "npm run test:interop -- --fetch"',
  () => Asterisk.open(),
  (asterisk) => {
    let flow: Flow | undefined;
    afterEach(() => flow?.close());

    const account = (user: string): Account => ({
      user,
      password: 'secret',
      fields: { registrar: asterisk().address, domain: asterisk().address, codecs: ['PCMA', 'PCMU'] },
    });
    const registered = async (...users: string[]): Promise<Flow> => {
      flow = await Flow.open(...users.map(account));
      for (const user of users) await flow.registration(user);
      return flow;
    };

    for (const [privacy, presentation] of [
      ['', 'allowed'],
      ['id', 'prohib'],
    ] as const) {
      it(`our identity, ${privacy ? 'withheld' : 'shown'}: it knows number and name, and that they are ${presentation} #identity-ours`, async () => {
        const phone = await registered('trusted');
        const heard = asterisk().listen();
        const { how, call } = await phone.dial('trusted', 'whoami', {
          ...{ from: '+8225551234', fromName: 'Desk', privacy },
        });
        assert.equal(how, 'answered');
        await heard(new RegExp(`CALLER \\+8225551234 Desk ${presentation}`));
        await phone.hangup(call);
      });
    }

    it('a caller that it withholds is anonymous, and asserted #identity-theirs', async () => {
      const phone = await registered('trusted', 'office');
      phone.startDial('office', 'hidden');
      const { call, sip } = await phone.announced('trusted');
      assert.deepEqual(sip.caller?.privacy, ['id']);
      assert.equal(sip.caller?.verified, true);
      assert.match(sip.caller?.number ?? '', /^anonymous$/i);
      const { number, name } = sip.caller?.asserted ?? {};
      assert.deepEqual([number, name], ['+8225551234', 'Desk']);
      await phone.answer(call);
      await phone.hangup(call);
    });

    it('a caller that it shows is asserted without privacy #identity-theirs', async () => {
      const phone = await registered('trusted', 'office');
      phone.startDial('office', 'shown');
      const { call, sip } = await phone.announced('trusted');
      assert.equal(sip.caller?.verified, true);
      assert.deepEqual([sip.caller?.number, sip.caller?.name], ['+8225551234', 'Desk']);
      assert.equal(sip.caller?.asserted?.number, '+8225551234');
      assert.deepEqual(sip.caller?.privacy, []);
      await phone.answer(call);
      await phone.hangup(call);
    });
  },
);
