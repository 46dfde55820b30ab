import assert from 'node:assert/strict';
import { Asterisk } from './support/asterisk';
import { Flow, type Account } from './support/flow';
import { Kamailio } from './support/kamailio';
import { freePort } from './support/ports';
import { Rtpengine } from './support/rtpengine';
import { describePeer } from './support/suite';

const ADVICE = 'install the package kamailio';

const account = (kamailio: Kamailio, user: string, fields: Record<string, unknown> = {}): Account => ({
  user,
  password: 'secret',
  fields: { registrar: kamailio.address, codecs: ['PCMA', 'PCMU'], ...fields },
});

let flow: Flow | undefined;
const registered = async (...accounts: Account[]): Promise<Flow> => {
  flow = await Flow.open(...accounts);
  for (const { user } of accounts) await flow.registration(user);
  return flow;
};
const closeFlow = async (): Promise<void> => {
  await flow?.close();
  flow = undefined;
};

describePeer(
  'Kamailio',
  ADVICE,
  () => Kamailio.open(),
  (kamailio) => {
    afterEach(closeFlow);

    for (const transport of ['udp', 'tcp']) {
      it(`over ${transport.toUpperCase()}: two phones register and call each other through its Record-Route`, async () => {
        const phones = await registered(
          account(kamailio(), 'desk', { transport }),
          account(kamailio(), 'office', { transport }),
        );
        phones.startDial('desk', 'office');
        const theirs = await phones.incoming('office');
        await phones.answer(theirs);
        const { call, how, sip } = await phones.outcome('desk');
        assert.equal(how, 'answered');
        assert.match(String(sip.headers?.['Record-Route']), /127\.0\.0\.2/);
        await phones.assertHears(theirs, call);
        await phones.assertHears(call, theirs);
        assert.equal(await phones.hold(call, 'hold'), 200);
        assert.equal(await phones.hold(call, 'resume'), 200);
        await phones.hangup(theirs);
        await phones.wait(call, 'ended');
      });
    }

    it('a phone that is not registered is 404', async () => {
      const phones = await registered(account(kamailio(), 'desk'));
      const { how, sip } = await phones.dial('desk', 'nobody');
      assert.deepEqual([how, sip.status], ['failed', 404]);
    });

    it('CANCEL through the proxy ends the ringing of the other phone', async () => {
      const phones = await registered(account(kamailio(), 'desk'), account(kamailio(), 'office'));
      phones.startDial('desk', 'office');
      const theirs = await phones.incoming('office');
      const { call } = await phones.progress('desk');
      await phones.hangup(call);
      await phones.wait(theirs, 'ended');
    });

    it('a wrong password is an AUTH failure', async () => {
      flow = await Flow.open({ ...account(kamailio(), 'desk'), password: 'wrong' });
      const { failure } = await flow.registration('desk', 'failed');
      assert.equal((failure as { code: string }).code, 'AUTH');
    });
  },
);

describePeer(
  'Kamailio with SHA-256',
  ADVICE,
  () => Kamailio.open({ algorithm: 'SHA-256' }),
  (kamailio) => {
    afterEach(closeFlow);

    it('REGISTER and INVITE answer its challenges', async () => {
      const phones = await registered(account(kamailio(), 'desk'), account(kamailio(), 'office'));
      phones.startDial('desk', 'office');
      await phones.answer(await phones.incoming('office'));
      const { how, call } = await phones.outcome('desk');
      assert.equal(how, 'answered');
      await phones.hangup(call);
    });
  },
);

describePeer(
  'Kamailio dispatcher before Asterisk',
  ADVICE,
  async () => {
    const asterisk = await Asterisk.open();
    if (!asterisk) return undefined;
    const dead = await freePort();
    const kamailio = await Kamailio.open({
      gateways: [`sip:127.0.0.1:${dead}`, `sip:${asterisk.address}`],
    });
    if (!kamailio) {
      await asterisk.stop();
      return undefined;
    }
    return {
      version: `${kamailio.version} and ${asterisk.version}`,
      kamailio,
      log: () => `${kamailio.log()}\n${asterisk.log()}`,
      stop: async () => {
        await kamailio.stop();
        await asterisk.stop();
      },
    };
  },
  (peers) => {
    afterEach(closeFlow);

    it('the first gateway is dead, the second one echoes', async () => {
      const phones = await registered(account(peers().kamailio, 'desk'));
      const call = await phones.connect('desk', 'echo');
      await phones.assertHears(call);
      await phones.hangup(call);
    });

    it('486 of the gateway comes through', async () => {
      const phones = await registered(account(peers().kamailio, 'desk'));
      const { how, sip } = await phones.dial('desk', '486');
      assert.deepEqual([how, sip.status], ['failed', 486]);
    });
  },
);

describePeer(
  'rtpengine behind Kamailio',
  'install the packages rtpengine-daemon and kamailio',
  async () => {
    const relay = await Rtpengine.open();
    if (!relay) return undefined;
    const kamailio = await Kamailio.open({ relayPort: relay.port });
    if (!kamailio) {
      await relay.stop();
      return undefined;
    }
    return {
      version: relay.version,
      relay,
      kamailio,
      log: () => `${relay.log()}\n${kamailio.log()}`,
      stop: async () => {
        await kamailio.stop();
        await relay.stop();
      },
    };
  },
  (peers) => {
    afterEach(closeFlow);

    it('audio and digits pass through the relay, both ways', async () => {
      const { kamailio } = peers();
      const phones = await registered(account(kamailio, 'desk'), account(kamailio, 'office'));
      phones.startDial('desk', 'relayoffice');
      const theirs = await phones.incoming('office');
      await phones.answer(theirs);
      const { call } = await phones.outcome('desk');
      await phones.assertHears(theirs, call);
      await phones.assertHears(call, theirs);
      const heard = phones.gather(theirs, 3);
      await phones.press(call, '42#');
      assert.equal((await heard).digits, '42#');
      assert.match(peers().relay.log(), /Creating new call/);
      await phones.hangup(call);
      await phones.wait(theirs, 'ended');
    });
  },
);
