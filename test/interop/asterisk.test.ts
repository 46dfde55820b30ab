import assert from 'node:assert/strict';
import { Asterisk } from './support/asterisk';
import { Flow, type Account } from './support/flow';
import { assertHeard, SWEEP } from './support/sound';
import { describePeer } from './support/suite';

const ADVICE = 'unpack it with "npm run test:interop -- --fetch"';

describePeer(
  'Asterisk',
  ADVICE,
  () => Asterisk.open(),
  (asterisk) => {
    let flow: Flow | undefined;
    afterEach(async () => {
      await flow?.close();
      flow = undefined;
    });

    /** A phone that registers with the user's name. */
    const account = (user: string, fields: Record<string, unknown> = {}): Account => ({
      user,
      password: 'secret',
      fields: {
        registrar: fields.transport === 'tls' ? `127.0.0.1:${asterisk().tlsPort}` : asterisk().address,
        codecs: ['PCMA', 'PCMU'],
        ...fields,
      },
    });
    const open = async (...accounts: Account[]): Promise<Flow> => (flow = await Flow.open(...accounts));
    const registered = async (...accounts: Account[]): Promise<Flow> => {
      const opened = await open(...accounts);
      for (const { user } of accounts) await opened.registration(user);
      return opened;
    };

    it('REGISTER with an MD5 digest', async () => {
      await registered(account('desk'));
      assert.match(await asterisk().cli('pjsip show contacts'), /desk\/sip:desk@127\.0\.0\.1/);
    });

    it('REGISTER with a SHA-256 digest', async () => {
      await registered(account('sha256'));
      assert.match(await asterisk().cli('pjsip show contacts'), /sha256\/sip:sha256@127\.0\.0\.1/);
    });

    it('call out over UDP: the echo is what was played', async () => {
      const phones = await registered(account('desk'));
      const call = await phones.connect('desk', 'echo');
      const finish = await phones.record(call);
      await phones.play(call);
      assertHeard(await finish(), SWEEP);
      await phones.hangup(call);
    });
  },
);
