import assert from 'node:assert/strict';
import type { DialOptions, OutgoingCall, SipReport } from '../../../lib/calls';
import { nextCall, Phones, receive } from '../../support/phones';
import { RawPeer, response, SDP } from '../sip/support/raw-peer';

describe('a call that is dialled again', () => {
  let phones: Phones;
  const peers: RawPeer[] = [];
  beforeEach(() => (phones = new Phones()));
  afterEach(async () => {
    await phones.close();
    await Promise.all(peers.splice(0).map((peer) => peer.close()));
  });

  /** A network phone that calls a raw peer. */
  async function dialling(options: Omit<DialOptions, 'target'>): Promise<{
    far: RawPeer;
    call: OutgoingCall;
    told: SipReport[];
  }> {
    const far = await RawPeer.open();
    peers.push(far);
    const phone = await phones.phone('1001', { mode: 'network' });
    const call = await phone.dial({ target: `sip:4711@127.0.0.1:${far.port}`, retryPause: 0.05, ...options });
    const told: SipReport[] = [];
    call.on('progress', (sip) => told.push(sip));
    return { far, call, told };
  }
  const refuse = async (far: RawPeer, status: string): Promise<string> => {
    const invite = await far.next('INVITE');
    far.send(response(invite, status, { tag: 'x' }), invite.port);
    return invite.header('Call-ID');
  };

  it('is answered at its third attempt, under one id, and as a new call on the wire each time', async () => {
    const { far, call, told } = await dialling({ retries: 3 });
    const callIds = [
      await refuse(far, '480 Temporarily Unavailable'),
      await refuse(far, '503 Service Unavailable'),
    ];
    const invite = await far.next('INVITE');
    callIds.push(invite.header('Call-ID'));
    const contact = `sip:far@127.0.0.1:${far.port}`;
    far.send(response(invite, '200 OK', { tag: 'y', contact, body: SDP }), invite.port);
    assert.equal((await call.outcome).kind, 'answered');
    assert.equal(new Set(callIds).size, 3);
    assert.equal(call.ref.callId, callIds[0]);
    assert.deepEqual(
      told.map(({ event, status, attempt }) => [event, status, attempt]),
      [
        ['retry', 480, 2],
        ['retry', 503, 3],
      ],
    );
    assert.ok(
      call.trace().filter(({ text }) => text.startsWith('INVITE ')).length >= 3,
      'all are in its trace',
    );
    void call.hangup();
    const bye = await far.next('BYE');
    assert.equal(bye.header('Call-ID'), callIds[2]);
    far.send(response(bye, '200 OK'), bye.port);
  });

  it('fails with the last status when no retry is left, and at once with one that is not named', async () => {
    const { far, call, told } = await dialling({ retries: 1, retryOn: '486, 6xx' });
    await refuse(far, '603 Decline');
    await refuse(far, '486 Busy Here');
    assert.equal((await call.outcome).sip.status, 486);
    assert.deepEqual([far.count('INVITE'), told.length], [2, 1]);

    const other = await dialling({ retries: 5, retryOn: '486' });
    await refuse(other.far, '480 Temporarily Unavailable');
    assert.equal((await other.call.outcome).sip.status, 480);
    assert.equal(other.far.count('INVITE'), 1);
  });

  it('is not, unless somebody asks for it', async () => {
    const { far, call } = await dialling({});
    await refuse(far, '503 Service Unavailable');
    assert.equal((await call.outcome).sip.status, 503);
    assert.equal(far.count('INVITE'), 1);
  });

  it('is cancelled before it is dialled again, when it rings for too long', async () => {
    const { far, call, told } = await dialling({ retries: 1, ringTimeout: 0.2 });
    const invite = await far.next('INVITE');
    far.send(response(invite, '180 Ringing', { tag: 'x', contact: 'sip:far@127.0.0.1' }), invite.port);
    const cancel = await far.next('CANCEL');
    assert.equal(cancel.header('Call-ID'), invite.header('Call-ID'));
    far.send(response(cancel, '200 OK', { tag: 'x' }), cancel.port);
    far.send(response(invite, '487 Request Terminated', { tag: 'x' }), invite.port);
    await refuse(far, '486 Busy Here');
    assert.equal((await call.outcome).sip.status, 486);
    assert.deepEqual(
      told.map(({ event, status }) => `${event} ${status}`),
      ['ringing 180', 'retry 408'],
    );
  });

  it('ends with a hang-up between two attempts', async () => {
    const { far, call } = await dialling({ retries: 3, retryPause: 60 });
    const waiting = new Promise((resolve) => call.on('progress', resolve));
    await refuse(far, '480 Temporarily Unavailable');
    await waiting;
    await call.hangup();
    const outcome = await call.outcome;
    assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'CALL_ENDED');
    assert.equal((await call.info()).endedBy, 'local');
    assert.equal(far.count('INVITE'), 1);
  });

  it('reaches a simulated phone that is there later, with audio', async () => {
    const alice = await phones.phone('1001');
    const call = await alice.dial({ target: '1002', retries: 5, retryPause: 0.05, retryOn: '4xx' });
    const told = new Promise<SipReport>((resolve) => call.on('progress', resolve));
    const { event, status, diagnosis } = await told;
    assert.deepEqual([event, status], ['retry', 404]);
    assert.match(diagnosis ?? '', /1002/);
    const bob = phones.create('1002');
    const incoming = nextCall(bob);
    await bob.start();
    const answered = await incoming;
    await answered.answer();
    assert.equal((await call.outcome).kind, 'answered');
    const gathered = answered.gather({ maxDigits: 1 });
    await call.sendDigits({ digits: '5' });
    assert.equal((await gathered).digits, '5');
    await call.hangup();
  });

  it('follows its redirections anew each time', async () => {
    const [alice, bob, carol] = await Promise.all(['1001', '1002', '1003'].map((dn) => phones.phone(dn)));
    let calls = 0;
    receive(bob, (call) => void call.reject({ status: 302, contact: 'sip:1003@x.example', headers: {} }));
    receive(carol, (call) => void (++calls === 1 ? call.reject({ status: 486 }) : call.answer()));
    const call = await alice.dial({
      ...{ target: '1002', followRedirects: true, retries: 1, retryPause: 0, retryOn: '486' },
    });
    assert.equal((await call.outcome).kind, 'answered');
    assert.equal(calls, 2);
    await call.hangup();
  });

  for (const [field, values] of [
    ['retries', [-1, 1.5, 101, Number.NaN, '3']],
    ['retryPause', [-1, 3601, Number.POSITIVE_INFINITY, '1']],
    ['retryOn', ['200', '5x', 'busy', '4xx\r\nX: 1', '799', 486]],
  ] as const) {
    for (const value of values) {
      it(`is refused by name: ${field} ${JSON.stringify(value)}`, async () => {
        const phone = await phones.phone('1001');
        const options = { target: '1002', [field]: value } as unknown as DialOptions;
        await assert.rejects(phone.dial(options), { code: 'BAD_CONFIG', field });
      });
    }
  }
});
