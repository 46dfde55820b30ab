import assert from 'node:assert/strict';
import type { SipReport } from '../../../lib/calls';
import { nextCall, Phones, receive } from '../../support/phones';

describe('a redirected call', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  it('fails with the contacts, best first, unless it is to follow them', async () => {
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    receive(bob, (call) => void call.reject({ status: 302, contact: 'sip:1003@a.example', headers: {} }));
    const { sip } = await (await alice.dial({ target: '1002' })).outcome;
    assert.equal(sip.status, 302);
    assert.deepEqual(sip.contacts, ['sip:1003@a.example']);
  });

  it('reaches the next contact when one is busy, under one id and one Call-ID', async () => {
    const [alice, bob, carol, dave] = await Promise.all(
      ['1001', '1002', '1003', '1004'].map((dn) => phones.phone(dn)),
    );
    receive(bob, (call) => {
      const contact = '<sip:1004@x.example>;q=0.1, <sip:1003@x.example>;q=0.9';
      void call.reject({ status: 302, headers: { Contact: contact } });
    });
    receive(carol, (call) => void call.reject({ status: 486 }));
    const atDave = nextCall(dave);
    const call = await alice.dial({ target: '1002', followRedirects: true });
    const progress: SipReport[] = [];
    call.on('progress', (sip) => progress.push(sip));
    const answered = await atDave;
    await answered.answer();
    assert.equal((await call.outcome).kind, 'answered');
    assert.equal(answered.ref.callId, call.ref.callId);
    const statuses = progress.map(({ status }) => status).filter((status) => status !== 180);
    assert.deepEqual(statuses, [302, 486]);
    const gathered = answered.gather({ maxDigits: 2 });
    await call.sendDigits({ digits: '12' });
    assert.equal((await gathered).digits, '12');
    await call.hangup();
  });

  it('does not go round in a circle', async () => {
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    let reached = 0;
    receive(bob, (call) => {
      reached += 1;
      void call.reject({ status: 302, contact: `sip:1002@127.0.0.1;again=${reached}` });
    });
    const { sip } = await (await alice.dial({ target: '1002', followRedirects: true })).outcome;
    assert.equal(sip.status, 302);
    assert.equal(reached, 6, 'five redirections at most');
  });
});

describe('messages and headers that reach a flow', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  it('shows identity headers, and the headers that a flow adds to requests and responses', async () => {
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    const headers = {
      'P-Asserted-Identity': '"Alice" <sip:+8225551234@example.com>',
      'Remote-Party-ID': '<sip:alice@example.com>;privacy=off',
      Diversion: '<sip:front@example.com>;reason=no-answer',
    };
    const incoming = nextCall(bob);
    const call = await alice.dial({ target: '1002', headers });
    const atBob = await incoming;
    for (const [name, value] of Object.entries(headers))
      assert.deepEqual(atBob.lastSip.headers?.[name], [value]);
    const cancelled = new Promise((resolve) => atBob.on('ended', resolve));
    await call.hangup({ headers: { Reason: 'SIP;cause=200' } });
    await cancelled;
    const cancel = atBob.trace().find(({ text }) => text.startsWith('CANCEL '));
    assert.match(cancel?.text ?? '', /^Reason: SIP;cause=200\r$/m);
    const again = nextCall(bob);
    const second = await alice.dial({ target: '1002' });
    await (await again).reject({ status: 403, headers: { 'X-Why': 'closed' } });
    assert.deepEqual((await second.outcome).sip.headers?.['X-Why'], ['closed']);
  });
});
