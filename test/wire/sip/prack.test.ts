import assert from 'node:assert/strict';
import type {
  IncomingInvite,
  InspectableEndpoint,
  MessageBody,
  SipResponseInfo,
} from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { ANSWER, answered, Bench, nextInvite, OFFER, once, uriOf } from './support/endpoints';
import { request, response, SDP, type RawMessage, type RawPeer } from './support/raw-peer';

describe('reliable provisional responses', () => {
  const bench = new Bench();
  afterEach(() => bench.close(0));

  describe('between two endpoints', () => {
    it('pitfall 7: carry early media reliably, in both roles', async () => {
      const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
      const incoming = nextInvite(bob);
      const call = alice.invite({ target: uriOf(bob), body: OFFER });
      const progress: SipResponseInfo[] = [];
      call.on('progress', (each) => progress.push(each));
      const outcome = answered(call);
      const invite = await incoming;
      const pracks: unknown[] = [];
      const twice = new Promise<void>((resolve) => {
        invite.on('prack', ({ headers }) => {
          if (pracks.push(headers.RAck[0]) === 2) resolve();
        });
      });
      invite.progress({ status: 183, body: ANSWER, reliable: true });
      invite.progress({ status: 180, reliable: true });
      await twice;
      const rseq = Number(progress[0].headers.RSeq[0]);
      assert.deepEqual(pracks, [`${rseq} 1 INVITE`, `${rseq + 1} 1 INVITE`]);
      assert.deepEqual(
        progress.map(({ status, headers }) => [status, headers.Require]),
        [
          [183, ['100rel']],
          [180, ['100rel']],
        ],
      );
      const { acknowledged } = invite.accept({});
      const { response: ok } = await outcome;
      assert.equal((await acknowledged).acknowledged, true);
      assert.equal(ok.status, 200);
    });

    it('hold the 200 until the PRACK to a session description', async () => {
      const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
      const incoming = nextInvite(bob);
      const call = alice.invite({ target: uriOf(bob), body: OFFER });
      const outcome = answered(call);
      const invite = await incoming;
      const order: string[] = [];
      invite.on('prack', () => order.push('prack'));
      invite.progress({ status: 183, body: ANSWER, reliable: true });
      const { dialog, acknowledged } = invite.accept({ body: ANSWER });
      void acknowledged.then(() => order.push('ack'));
      assert.throws(() => invite.accept({}), { code: 'CALL_STATE' });
      await outcome;
      await acknowledged;
      assert.deepEqual(order, ['prack', 'ack']);
      await dialog.bye();
    });

    it('carry a late offer, which the PRACK answers', async () => {
      const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
      const incoming = nextInvite(bob);
      let offers = 0;
      const call = alice.invite({
        target: uriOf(bob),
        answerLateOffer: () => {
          offers++;
          return ANSWER;
        },
      });
      const outcome = answered(call);
      const invite = await incoming;
      const prack = new Promise<MessageBody | undefined>((resolve) =>
        invite.on('prack', ({ body }) => resolve(body)),
      );
      invite.progress({ status: 183, body: OFFER, reliable: true });
      assert.deepEqual(await prack, ANSWER);
      const { acknowledged } = invite.accept({});
      assert.deepEqual(await acknowledged, { acknowledged: true });
      await outcome;
      assert.equal(offers, 1);
    });
  });

  describe('from our endpoint', () => {
    let clock: ManualClock;
    let bob: InspectableEndpoint;
    let peer: RawPeer;

    beforeEach(async () => {
      clock = new ManualClock();
      bob = await bench.endpoint('bob', {}, { clock });
      peer = await bench.raw(true);
    });

    const send = (method: string, more: Partial<Parameters<typeof request>[1]> = {}): void =>
      peer.send(
        request(method, {
          port: peer.port,
          target: uriOf(bob),
          callId: 'p',
          branch: `z9hG4bK${method}`,
          ...more,
        }),
        bob.localAddress.port,
      );
    async function ring(...headers: string[]): Promise<IncomingInvite> {
      const incoming = nextInvite(bob);
      send('INVITE', { body: SDP, headers });
      return incoming;
    }

    it('are repeated until the right PRACK; a wrong one gets 481', async () => {
      const invite = await ring('Supported: timer, 100REL');
      invite.progress({ status: 183, body: ANSWER, reliable: true });
      const progress = await peer.next('SIP/2.0 183');
      for (const wait of [500, 1000, 2000, 4000]) {
        clock.advance(wait);
        assert.equal((await peer.next('SIP/2.0 183')).text, progress.text);
      }
      const rseq = Number(progress.header('RSeq'));
      assert.ok(rseq >= 1 && rseq < 2 ** 31);
      const to = progress.header('To');
      for (const [index, rack] of [
        `${rseq + 1} 1 INVITE`,
        `${rseq} 2 INVITE`,
        `${rseq} 1 UPDATE`,
        'x',
      ].entries()) {
        send('PRACK', { to, cseq: 2 + index, branch: `z9hG4bKw${index}`, headers: [`RAck: ${rack}`] });
        assert.match(
          (await peer.nextWhere(({ header }) => header('CSeq').endsWith('PRACK'))).startLine,
          /481/,
        );
      }
      send('PRACK', { to, cseq: 9, headers: [`RAck: ${rseq} 1 INVITE`] });
      assert.match((await peer.nextWhere(({ header }) => header('CSeq').endsWith('PRACK'))).startLine, /200/);
      const copies = peer.count('SIP/2.0 183');
      clock.advance(20_000);
      await peer.settled(bob.localAddress.port);
      assert.equal(peer.count('SIP/2.0 183'), copies);
      invite.reject({ status: 486 });
    });

    it('are always used when the peer requires them, never when it does not support them', async () => {
      const required = await ring('Require: 100rel');
      required.progress({ status: 180 });
      assert.equal((await peer.next('SIP/2.0 180')).header('Require'), '100rel');
      required.reject({ status: 486 });
      const incoming = nextInvite(bob);
      send('INVITE', { body: SDP, callId: 'q', branch: 'z9hG4bKq' });
      const plain = await incoming;
      plain.progress({ status: 182, reliable: true });
      assert.equal((await peer.next('SIP/2.0 182')).header('RSeq'), '');
      plain.reject({ status: 486 });
    });

    /** Acknowledges a response, and returns the status of the answer. */
    async function prack(to: RawMessage, cseq: number): Promise<string> {
      const headers = [`RAck: ${to.header('RSeq')} 1 INVITE`];
      send('PRACK', { to: to.header('To'), cseq, branch: `z9hG4bKp${cseq}`, headers });
      const isAnswer = ({ header }: RawMessage): boolean => header('CSeq') === `${cseq} PRACK`;
      return (await peer.nextWhere(isAnswer)).startLine.slice(8, 11);
    }

    for (const header of ['Supported: 100rel', 'Require: 100rel']) {
      it(`without SDP do not hold the 200, whose PRACK may cross it: ${header}`, async () => {
        const invite = await ring(header);
        invite.progress({ status: 180, reliable: true });
        const progress = await peer.next('SIP/2.0 180');
        const { dialog, acknowledged } = invite.accept({ body: ANSWER });
        const ok = await peer.next('SIP/2.0 200');
        assert.equal(await prack(progress, 2), '200');
        send('ACK', { to: ok.header('To'), branch: 'z9hG4bKack' });
        assert.deepEqual(await acknowledged, { acknowledged: true });
        assert.equal(await prack(progress, 3), '481', 'nothing is left to be acknowledged');
        const copies = peer.count('SIP/2.0 180');
        clock.advance(31_000);
        await peer.settled(bob.localAddress.port);
        assert.equal(peer.count('SIP/2.0 180'), copies, 'the final response ends the repetition');
        const bye = dialog.bye();
        peer.send(response(await peer.next('BYE'), '200 OK'), bob.localAddress.port);
        await bye;
      });
    }

    it('are acknowledged before the ACK, after it, and while our BYE is out', async () => {
      const invite = await ring('Supported: 100rel');
      invite.progress({ status: 180, reliable: true });
      const progress = await peer.next('SIP/2.0 180');
      const { dialog, acknowledged } = invite.accept({ body: ANSWER });
      const ok = await peer.next('SIP/2.0 200');
      send('ACK', { to: ok.header('To'), branch: 'z9hG4bKack' });
      await acknowledged;
      const bye = dialog.bye();
      const last = await peer.next('BYE');
      assert.equal(await prack(progress, 2), '200');
      peer.send(response(last, '200 OK'), bob.localAddress.port);
      await bye;
      assert.equal(await prack(progress, 3), '200', 'the dialog is gone');
      clock.advance(33_000);
      assert.equal(await prack(progress, 4), '481');
    });

    for (const [what, end] of [
      ['a refusal', (invite: IncomingInvite): void => invite.reject({ status: 486 })],
      ['a CANCEL', (): void => send('CANCEL', { branch: 'z9hG4bKINVITE' })],
    ] as const) {
      it(`are acknowledged although the PRACK crosses ${what}`, async () => {
        const invite = await ring('Supported: 100rel');
        invite.progress({ status: 183, body: ANSWER, reliable: true });
        const progress = await peer.next('SIP/2.0 183');
        end(invite);
        await peer.nextWhere(({ startLine }) => / 48[67] /.test(startLine));
        assert.equal(await prack(progress, 2), '200');
        const wrong = {
          ...progress,
          header: (name: string) => (name === 'RSeq' ? '1' : progress.header(name)),
        };
        assert.equal(await prack(wrong, 3), '481');
      });
    }

    it('end a held answer when the caller gives up, which is told first', async () => {
      const invite = await ring('Supported: 100rel');
      const order: string[] = [];
      invite.on('cancelled', () => order.push('cancelled'));
      invite.progress({ status: 183, body: ANSWER, reliable: true });
      const { dialog, acknowledged } = invite.accept({ body: ANSWER });
      dialog.on('broken', () => order.push('broken'));
      send('CANCEL', { branch: 'z9hG4bKINVITE' });
      await peer.next('SIP/2.0 487');
      assert.deepEqual(await acknowledged, { acknowledged: false });
      assert.deepEqual(order, ['cancelled', 'broken']);
      assert.equal(peer.count('SIP/2.0 200'), 1, 'that of the CANCEL');
    });

    it('end the call with 504 when no PRACK ever comes', async () => {
      const invite = await ring('Supported: 100rel');
      const cancelled = new Promise<void>((resolve) => invite.on('cancelled', resolve));
      invite.progress({ status: 183, body: ANSWER, reliable: true });
      const { dialog, acknowledged } = invite.accept({ body: ANSWER });
      const broken = once(dialog, 'broken');
      clock.advance(32_000);
      await cancelled;
      await broken;
      assert.deepEqual(await acknowledged, { acknowledged: false, overdue: true });
      await peer.next('SIP/2.0 504');
      assert.equal(peer.count('SIP/2.0 200'), 0);
    });
  });

  describe('to our endpoint', () => {
    let peer: RawPeer;
    beforeEach(async () => (peer = await bench.raw(true)));

    for (const status of ['481 Call/Transaction Does Not Exist', '408 Request Timeout']) {
      it(`never end the call when the PRACK that crosses the 200 is answered ${status}`, async () => {
        const alice = await bench.endpoint('alice');
        const outcome = answered(alice.invite({ target: `sip:bob@127.0.0.1:${peer.port}`, body: OFFER }));
        const invite = await peer.next('INVITE');
        const contact = `sip:far@127.0.0.1:${peer.port}`;
        const headers = ['Require: 100rel', 'RSeq: 5'];
        peer.send(response(invite, '180 Ringing', { tag: 'one', contact, headers }), invite.port);
        const prack = await peer.next('PRACK');
        peer.send(response(invite, '200 OK', { tag: 'one', contact, body: SDP }), invite.port);
        const { dialog } = await outcome;
        dialog.on('broken', (reason) => assert.fail(reason));
        peer.send(response(prack, status), invite.port);
        const asked = dialog.request('INFO');
        peer.send(response(await peer.next('INFO'), '200 OK'), invite.port);
        assert.equal((await asked).status, 200, 'the dialog stands');
        assert.equal(peer.count('BYE'), 0);
      });
    }

    it('are acknowledged in order, once each, and per fork', async () => {
      const alice = await bench.endpoint('alice');
      const call = alice.invite({ target: `sip:bob@127.0.0.1:${peer.port}`, body: OFFER });
      const progress: string[] = [];
      call.on('progress', ({ headers, toTag }) => progress.push(`${toTag} ${headers.RSeq[0]}`));
      const outcome = answered(call);
      const invite = await peer.next('INVITE');
      assert.match(invite.header('Supported'), /\b100rel\b/);
      const contact = `sip:far@127.0.0.1:${peer.port}`;
      const reliable = (tag: string, rseq: number): void =>
        peer.send(
          response(invite, '183 Session Progress', {
            tag,
            contact,
            headers: ['Require: 100rel', `RSeq: ${rseq}`],
            body: rseq === 7 ? SDP : '',
          }),
          invite.port,
        );
      const next = async (): Promise<RawMessage> => {
        const prack = await peer.next('PRACK');
        peer.send(response(prack, '200 OK'), prack.port);
        return prack;
      };
      reliable('one', 7);
      const first = await next();
      assert.equal(first.startLine, `PRACK ${contact} SIP/2.0`);
      assert.equal(first.header('RAck'), '7 1 INVITE');
      assert.match(first.header('To'), /tag=one$/);
      reliable('one', 7);
      reliable('one', 9);
      reliable('one', 8);
      assert.equal((await next()).header('RAck'), '8 1 INVITE');
      reliable('two', 100);
      const fork = await next();
      assert.equal(fork.header('RAck'), '100 1 INVITE');
      assert.match(fork.header('To'), /tag=two$/);
      peer.send(response(invite, '200 OK', { tag: 'one', contact, body: SDP }), invite.port);
      await outcome;
      assert.equal(peer.count('PRACK'), 3);
      assert.deepEqual(progress, ['one 7', 'one 8', 'two 100']);
    });
  });
});
