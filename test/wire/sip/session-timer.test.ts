import assert from 'node:assert/strict';
import type { SipDialog } from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { ANSWER, answered, Bench, failed, nextInvite, OFFER, once, uriOf } from './support/endpoints';
import { request, response, SDP, type RawMessage, type RawPeer } from './support/raw-peer';

describe('session timers', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('are agreed on and kept alive by UPDATE, as caller and as callee', async () => {
    const clocks = { alice: new ManualClock(), bob: new ManualClock() };
    const alice = await bench.endpoint('alice', { sessionTimer: 90 }, { clock: clocks.alice });
    const bob = await bench.endpoint('bob', {}, { clock: clocks.bob });
    const incoming = nextInvite(bob);
    const outcome = answered(alice.invite({ target: uriOf(bob), body: OFFER }));
    const invite = await incoming;
    assert.equal(invite.request.headers['Session-Expires'][0], '90');
    assert.match(invite.request.headers['Supported'][0], /timer/);
    const { dialog: far, acknowledged } = invite.accept({ body: ANSWER });
    const { response: ok, dialog: near } = await outcome;
    await acknowledged;
    assert.equal(ok.headers['Session-Expires'][0], '90;refresher=uac');
    assert.match(ok.headers['Require'][0], /timer/);
    for (let refreshes = 0; refreshes < 3; refreshes++) {
      const update = new Promise<string>((resolve) => {
        const stop = far.on('modify', (modify) => {
          stop();
          modify.respond({ status: 200 });
          resolve(`${modify.request.method} ${modify.request.headers['Session-Expires'][0]}`);
        });
      });
      clocks.bob.advance(45_000);
      clocks.alice.advance(45_000);
      assert.equal(await update, 'UPDATE 90;refresher=uac');
      // The answer is in when the next request of the dialog has been answered.
      assert.equal((await near.request('OPTIONS')).status, 200);
    }
    const bye = once(far, 'bye');
    await near.bye();
    await bye;
  });

  /** A call from a handwritten peer that knows session timers but not UPDATE. */
  async function fromRaw(
    expires: string,
    clock: ManualClock,
  ): Promise<{ raw: RawPeer; port: number; ok: RawMessage; dialog: SipDialog; ended: Promise<string> }> {
    const raw = await bench.raw(true);
    const bob = await bench.endpoint('bob', {}, { clock });
    const { port } = bob.localAddress;
    const incoming = nextInvite(bob);
    const headers = ['Supported: timer', `Session-Expires: ${expires}`, 'Allow: INVITE, ACK, BYE, CANCEL'];
    raw.send(
      request('INVITE', { port: raw.port, target: uriOf(bob), callId: 'timed', headers, body: SDP }),
      port,
    );
    const { dialog } = (await incoming).accept({ body: ANSWER });
    const ended = once(dialog, 'broken');
    const ok = await raw.next('200');
    raw.send(
      request('ACK', { port: raw.port, target: uriOf(bob), callId: 'timed', to: ok.header('To') }),
      port,
    );
    await raw.settled(port);
    return { raw, port, ok, dialog, ended };
  }

  it('are refreshed by a re-INVITE that repeats our SDP when the peer takes no UPDATE', async () => {
    const clock = new ManualClock();
    const { raw, port, ok, dialog } = await fromRaw('100;refresher=uas', clock);
    assert.equal(ok.header('Session-Expires'), '100;refresher=uas');
    clock.advance(50_000);
    const refresh = await raw.next('INVITE');
    assert.equal(refresh.header('Session-Expires'), '100;refresher=uac');
    assert.equal(refresh.body, ANSWER.content);
    raw.send(
      response(refresh, '200 OK', {
        contact: `sip:raw@127.0.0.1:${raw.port}`,
        headers: ['Session-Expires: 100;refresher=uac', 'Require: timer'],
        body: SDP,
      }),
      port,
    );
    await raw.next('ACK');
    clock.advance(49_000);
    await raw.settled(port);
    assert.equal(raw.count('BYE'), 0, 'the refresh has begun a new interval');
    const gone = dialog.bye();
    raw.send(response(await raw.next('BYE'), '200 OK'), port);
    await gone;
  });

  it('end the call with BYE when the peer does not refresh in time', async () => {
    const clock = new ManualClock();
    const { raw, port, ended } = await fromRaw('120;refresher=uac', clock);
    clock.advance(87_000);
    await raw.settled(port);
    assert.equal(raw.count('BYE'), 0);
    clock.advance(2_000);
    assert.match(await ended, /expired/);
    raw.send(response(await raw.next('BYE'), '200 OK'), port);
    await raw.settled(port);
  });

  it('end the call when a refresh of ours is answered 481', async () => {
    const clock = new ManualClock();
    const { raw, port, ended } = await fromRaw('100;refresher=uas', clock);
    clock.advance(50_000);
    raw.send(response(await raw.next('INVITE'), "481 Call Doesn't Exist"), port);
    assert.match(await ended, /481/);
    raw.send(response(await raw.next('BYE'), '481 Call Does Not Exist'), port);
  });

  it('are refused with 422 when they are too short, and begin again with what a 422 asks for', async () => {
    const raw = await bench.raw(true);
    const bob = await bench.endpoint('bob', { sessionTimer: 90 });
    const { port } = bob.localAddress;
    const headers = ['Supported: timer', 'Session-Expires: 30'];
    bob.on('invite', (invite) => invite.reject({ status: 603 }));
    raw.send(request('INVITE', { port: raw.port, target: uriOf(bob), headers, body: SDP }), port);
    const refusal = await raw.next('422');
    assert.equal(refusal.header('Min-SE'), '90');

    const outcome = failed(bob.invite({ target: `sip:raw@127.0.0.1:${raw.port}`, body: OFFER }));
    const first = await raw.next('INVITE');
    assert.equal(first.header('Session-Expires'), '90');
    raw.send(response(first, '422 Session Interval Too Small', { tag: 'a', headers: ['Min-SE: 400'] }), port);
    const second = await raw.nextWhere((message) => message.header('CSeq') === '2 INVITE');
    assert.deepEqual(
      [second.header('Session-Expires'), second.header('Min-SE'), second.header('Call-ID')],
      ['400', '400', first.header('Call-ID')],
    );
    raw.send(response(second, '486 Busy Here', { tag: 'b' }), port);
    assert.equal((await outcome).response.status, 486);
  });

  it('are not forced upon a caller that knows nothing of them', async () => {
    const raw = await bench.raw(true);
    const bob = await bench.endpoint('bob', { sessionTimer: 90 });
    const { port } = bob.localAddress;
    const incoming = nextInvite(bob);
    raw.send(request('INVITE', { port: raw.port, target: uriOf(bob), callId: 'plain', body: SDP }), port);
    const { dialog } = (await incoming).accept({ body: ANSWER });
    const ok = await raw.next('200');
    assert.deepEqual(ok.all('Session-Expires'), []);
    raw.send(
      request('ACK', { port: raw.port, target: uriOf(bob), callId: 'plain', to: ok.header('To') }),
      port,
    );
    const gone = dialog.bye();
    raw.send(response(await raw.next('BYE'), '200 OK'), port);
    await gone;
  });
});
