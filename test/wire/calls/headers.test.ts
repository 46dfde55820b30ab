import assert from 'node:assert/strict';
import type { Call } from '../../../lib/calls';
import { connect, nextCall, Phones } from '../../support/phones';
import { RawPeer, response } from '../sip/support/raw-peer';

/** The messages of a call that its side has sent, by their first word or their status and method. */
function sent(call: Call, start: RegExp): string[] {
  return call
    .trace()
    .filter(({ direction, text }) => direction === 'out' && start.test(text))
    .map(({ text }) => text);
}

const has = (text: string | undefined, field: string): boolean => text?.includes(`\r\n${field}\r\n`) === true;

describe('headers that a flow adds', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  it('go into the 183, the 200, the re-INVITE, the REFER and the BYE that they are given to', async () => {
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    const incoming = nextCall(bob);
    const out = await alice.dial({ target: '1002' });
    const answering = await incoming;
    await answering.startEarlyMedia({ headers: { 'X-Step': 'early' } });
    await answering.answer({ headers: { 'X-Step': 'answer' } });
    const { sip } = await out.outcome;
    assert.deepEqual(sip.headers?.['X-Step'], ['answer'], 'the other flow can read it');
    assert.ok(has(sent(answering, /^SIP\/2\.0 183 /)[0], 'X-Step: early'));

    await out.hold('hold', { headers: { 'X-Step': 'hold' } });
    assert.ok(has(sent(out, /^INVITE /).at(-1), 'X-Step: hold'));
    await assert.rejects(out.hold('resume', { headers: { Via: 'x' } }), { code: 'BAD_CONFIG' });
    assert.equal((await out.hold('resume')).kind, 'done');
    assert.match(sent(out, /^INVITE /).at(-1) ?? '', /\r\na=sendrecv\r\n/, 'what failed has left no trace');

    await out.transfer({ kind: 'blind', target: '4711', headers: { 'X-Step': 'transfer' } });
    assert.ok(has(sent(out, /^REFER /)[0], 'X-Step: transfer'));
    const over = new Promise((resolve) => answering.on('ended', resolve));
    await out.hangup({ headers: { 'X-Step': 'bye' } });
    await over;
    assert.deepEqual(answering.lastSip.headers?.['X-Step'], ['bye']);
  });

  it('go into every request and response of a phone, but where a message has its own', async () => {
    const headers = { 'P-Preferred-Identity': '<sip:8200@example.com>', 'User-Agent': 'Lab', Server: 'Lab' };
    const alice = await phones.phone('1001', { headers });
    const bob = await phones.phone('1002', { headers });
    const { out, in: answering } = await connect(alice, bob);
    await out.sendDigits({ digits: '1', method: 'info' });
    await out.hold('hold');
    await answering.hangup({ headers: { 'P-Preferred-Identity': '<sip:1@example.com>' } });
    const messages = [...sent(out, /./), ...sent(answering, /./)];
    for (const start of [/^INVITE /, /^ACK /, /^INFO /, /^SIP\/2\.0 180 /, /^SIP\/2\.0 200 /, /^BYE /]) {
      assert.ok(
        messages.some((text) => start.test(text)),
        `${start} was sent`,
      );
    }
    for (const text of messages) {
      const own = text.startsWith('BYE ') ? '<sip:1@example.com>' : headers['P-Preferred-Identity'];
      const values = [...text.matchAll(/^P-Preferred-Identity: (.*)\r$/gm)].map(([, value]) => value);
      assert.deepEqual(values, [own], text);
      assert.equal(text.match(/^(?:User-Agent|Server): SIPFLOW/m), null, text);
    }
  });

  it('go into REGISTER too', async () => {
    const peer = await RawPeer.open();
    const phone = phones.create('1001', {
      mode: 'network',
      registrar: `127.0.0.1:${peer.port}`,
      headers: { 'X-Lab': '7' },
    });
    await phone.start();
    const register = await peer.next('REGISTER');
    assert.equal(register.header('X-Lab'), '7');
    peer.send(response(register, '200 OK', { tag: 'r' }), register.port);
    const closed = phone.close();
    const last = await peer.next('REGISTER');
    peer.send(response(last, '200 OK', { tag: 'r' }), last.port);
    await closed;
    await peer.close();
  });
});
