import assert from 'node:assert/strict';
import { nextCall, Phones, receive } from '../../support/phones';
import { RawPeer, request, SDP } from '../sip/support/raw-peer';

/** Calls at the same time: more would wait for the machine, not for each other. */
const CALLS = 24;

describe('messages that cross the answer of a call', () => {
  let phones: Phones;
  beforeEach(() => (phones = new Phones({ mode: 'network' })));
  afterEach(() => phones.close());

  for (const [what, headers] of [
    ['that the callee asks for', {}],
    ['that the caller requires', { Require: '100rel' }],
  ] as const) {
    it(`pitfall 7: every call stands that is answered at once, its PRACK crossing the 200: PRACK ${what}`, async () => {
      const bob = await phones.phone('1002', { reliableProvisional: !('Require' in headers) });
      const alice = await phones.phone('1001');
      const answers: Promise<unknown>[] = [];
      const stop = receive(bob, (call) => void answers.push(call.answer()));
      const target = `sip:1002@127.0.0.1:${bob.address?.port}`;
      const calls = await Promise.all(Array.from({ length: CALLS }, () => alice.dial({ target, headers })));
      await Promise.all(calls.map(({ outcome }) => outcome));
      await Promise.all(answers);
      // The answer to each PRACK is in when the next request of its dialog has been answered.
      await Promise.all(calls.map((call) => call.sendDigits({ digits: '1', method: 'info' })));
      assert.deepEqual(
        calls.map(({ state }) => state),
        calls.map(() => 'answered'),
      );
      const answered = calls.flatMap((call) =>
        call.trace().filter(({ text }) => /^SIP\/2\.0 \d+[^]*CSeq: \d+ PRACK/.test(text)),
      );
      assert.deepEqual(new Set(answered.map(({ text }) => text.slice(8, 11))), new Set(['200']));
      assert.ok(answered.length >= CALLS, 'the PRACK of each call');
      await Promise.all(calls.map((call) => call.hangup()));
      assert.equal(alice.callCount, 0);
      stop();
    });
  }

  it('a BYE before the ACK is the end of the call, and answer says who ended it', async () => {
    const bob = await phones.phone('1002');
    const peer = await RawPeer.open();
    const port = bob.address?.port ?? 0;
    const parts = { port: peer.port, target: `sip:1002@127.0.0.1:${port}`, callId: 'early-bye' };
    const incoming = nextCall(bob);
    peer.send(request('INVITE', { ...parts, body: SDP }), port);
    const call = await incoming;
    const answer = assert.rejects(call.answer(), {
      code: 'CALL_ENDED',
      message: /ended by the other side/,
    });
    const ok = await peer.next('200');
    peer.send(request('BYE', { ...parts, cseq: 2, to: ok.header('To') }), port);
    await answer;
    assert.equal((await call.info()).endedBy, 'remote');
    await peer.close();
  });

  it('our own hang-up before the ACK is the end of the call, and answer says so', async () => {
    const bob = await phones.phone('1002');
    const peer = await RawPeer.open();
    const port = bob.address?.port ?? 0;
    const parts = { port: peer.port, target: `sip:1002@127.0.0.1:${port}`, callId: 'own-bye' };
    const incoming = nextCall(bob);
    peer.send(request('INVITE', { ...parts, body: SDP }), port);
    const call = await incoming;
    const answer = call.answer().catch(({ code }: { code: string }) => code);
    const ok = await peer.next('200');
    const gone = call.hangup();
    peer.send(request('BYE', { ...parts, cseq: 2, to: ok.header('To') }), port);
    await gone;
    assert.equal(await answer, 'CALL_ENDED');
    assert.equal((await call.info()).endedBy, 'local');
    await peer.close();
  });
});
