import assert from 'node:assert/strict';
import type { NotifyReport, Phone } from '../../lib/calls';
import { Phones } from '../support/phones';
import { Asterisk } from './support/asterisk';
import { eventually } from './support/peer-process';
import { describePeer } from './support/suite';

describePeer(
  'Asterisk: requests',
  'unpack it with "npm run test:interop -- --fetch"',
  () => Asterisk.open(),
  (asterisk) => {
    let phones: Phones;
    let desk: Phone;
    beforeEach(async () => {
      phones = new Phones({ mode: 'network', codecs: ['PCMA'] });
      const registrar = `127.0.0.1:${asterisk().port}`;
      desk = phones.create('desk', { registrar, password: 'secret' });
      const registered = new Promise<void>((resolve) => {
        desk.on('registration', ({ state }) => state === 'registered' && resolve());
      });
      await desk.start();
      await registered;
    });
    afterEach(() => phones.close());

    it('OPTIONS by us, with the digest that it asks for #options-ours', async () => {
      const outcome = await desk.request({ method: 'OPTIONS', target: `sip:echo@${asterisk().address}` });
      assert.equal(outcome.kind, 'answered', JSON.stringify(outcome.sip));
      assert.match(outcome.sip.headers?.['Allow']?.[0] ?? '', /INVITE/);
    });

    it('OPTIONS by it, which the phone tells of and answers #options-theirs', async () => {
      const asked = new Promise<string>((resolve) => {
        desk.on('request', ({ method, headers }) => {
          if (method === 'OPTIONS') resolve(headers['User-Agent']?.[0] ?? '');
        });
      });
      await asterisk().cli('pjsip set logger on');
      await asterisk().cli('pjsip qualify desk');
      assert.match(await asked, /Asterisk/);
      await eventually('our answer', () =>
        asterisk()
          .messages()
          .find((message) => message.startsWith('SIP/2.0 200') && /^CSeq: \d+ OPTIONS$/m.test(message)),
      );
      await asterisk().cli('pjsip set logger off');
    });

    it('MESSAGE by us reaches its dialplan, and one of its own comes back #message-ours #message-theirs', async () => {
      const received = new Promise<string | null>((resolve) => {
        desk.on('request', ({ method, body }) => {
          if (method === 'MESSAGE') resolve(body);
        });
      });
      const target = `sip:reply@${asterisk().address}`;
      const outcome = await desk.request({ method: 'MESSAGE', target, body: 'ping' });
      assert.equal(outcome.sip.status, 202, JSON.stringify(outcome.sip));
      assert.equal(await received, 'heard ping');
    });

    it('SUBSCRIBE to message-summary: the state at once, a change, and the end #mwi', async () => {
      const subscription = desk.subscribe({
        target: `sip:desk@${asterisk().address}`,
        event: 'message-summary',
        expires: 60,
      });
      const notified: NotifyReport[] = [];
      subscription.on('notify', (report) => notified.push(report));
      await eventually('the state', () => notified[0]);
      assert.match(notified[0]?.body ?? '', /Messages-Waiting: no/);
      assert.equal(notified[0]?.contentType, 'application/simple-message-summary');
      const call = await desk.dial(`sip:leave@${asterisk().address}`);
      assert.equal((await call.outcome).kind, 'answered');
      await call.play({ source: 'tone:440', loop: true });
      await eventually('a recording', async () =>
        /Recording the message/.test(asterisk().logged) ? true : undefined,
      );
      await new Promise((resolve) => call.on('ended', resolve));
      const changed = await eventually('a message that waits', () =>
        notified.find(({ body }) => /Messages-Waiting: yes/.test(body ?? '')),
      );
      assert.match(changed.body ?? '', /Voice-Message: 1\/0/);
      await subscription.stop();
      assert.equal((await subscription.outcome).sip.event, 'unsubscribed');
    });
  },
);
