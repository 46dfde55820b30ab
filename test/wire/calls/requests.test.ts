import assert from 'node:assert/strict';
import type { IncomingCall, Phone, ReceivedRequest } from '../../../lib/calls';
import { nextCall, Phones } from '../../support/phones';
import { RawPeer, request, response, SDP, type RawMessage } from '../sip/support/raw-peer';

describe('requests of a flow', () => {
  let phones: Phones;
  let peer: RawPeer;
  let phone: Phone;
  let port: number;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network', codecs: ['PCMU', 'PCMA', 'G722'] });
    peer = await RawPeer.open();
    phone = await phones.phone('1001');
    port = phone.address?.port ?? 0;
  });
  afterEach(async () => {
    await phones.close();
    await peer.close();
  });

  const reply = (to: RawMessage, status: string, parts: Parameters<typeof response>[2] = {}): void =>
    peer.send(response(to, status, parts), port);

  describe('inside a call', () => {
    let call: IncomingCall;
    let calls = 0;
    beforeEach(async () => {
      const incoming = nextCall(phone);
      const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: `in-call-${++calls}` };
      peer.send(request('INVITE', { ...parts, body: SDP }), port);
      call = await incoming;
      const answering = call.answer();
      const ok = await peer.next('200');
      peer.send(request('ACK', { ...parts, to: ok.header('To') }), port);
      await answering;
    });
    afterEach(async () => {
      const gone = call.hangup();
      if (call.state !== 'ended') reply(await peer.next('BYE'), '200 OK');
      await gone;
    });
    const answerSdp = (payloadType: number): string => SDP.replace('RTP/AVP 0', `RTP/AVP ${payloadType}`);

    it('INFO with a body, and its answer with status, headers and body', async () => {
      const outcome = call.request({
        method: 'info',
        body: '{"door":1}',
        contentType: 'application/json',
        headers: { 'Info-Package': 'door' },
      });
      const info = await peer.next('INFO');
      assert.equal(info.header('Content-Type'), 'application/json');
      assert.equal(info.header('Info-Package'), 'door');
      assert.equal(info.body, '{"door":1}');
      reply(info, '200 OK', { headers: ['X-Door: open'] });
      const { kind, sip } = await outcome;
      assert.equal(kind, 'answered');
      assert.equal(sip.status, 200);
      assert.deepEqual(sip.headers?.['X-Door'], ['open']);
      assert.equal(sip.body, null);
      assert.ok(sip.durationMs >= 0);
    });

    it('a refusal is an outcome with its status, and the call goes on', async () => {
      const outcome = call.request({ method: 'MESSAGE', body: 'hello' });
      const message = await peer.next('MESSAGE');
      assert.equal(message.header('Content-Type'), 'text/plain');
      reply(message, '415 Unsupported Media Type');
      const result = await outcome;
      assert.equal(result.kind, 'failed');
      assert.equal(result.sip.status, 415);
      assert.deepEqual(result.kind === 'failed' && result.failure, {
        code: 'REQUEST_REJECTED',
        message: 'MESSAGE was answered with 415 Unsupported Media Type.',
      });
      assert.equal(call.state, 'answered');
    });

    for (const method of ['INVITE', 'UPDATE'] as const) {
      it(`${method} with codecs changes the codec of the call`, async () => {
        const outcome = call.request({ method, codecs: ['PCMA'] });
        const offer = await peer.nextWhere(({ startLine }) => startLine.startsWith(method));
        assert.match(offer.body, /m=audio \d+ RTP\/AVP 8 101\r\n/);
        reply(offer, '200 OK', { contact: `sip:raw@127.0.0.1:${peer.port}`, body: answerSdp(8) });
        if (method === 'INVITE') await peer.next('ACK');
        assert.equal((await outcome).kind, 'answered');
        assert.equal((await call.info()).codec, 'PCMA');
      });
    }

    it('codecs that are refused leave the call as it was, and the next offer names the old ones', async () => {
      const outcome = call.request({ method: 'INVITE', codecs: ['G722'] });
      const offer = await peer.nextWhere(({ startLine }) => startLine.startsWith('INVITE'));
      assert.match(offer.body, /RTP\/AVP 9 101\r\n/);
      reply(offer, '488 Not Acceptable Here');
      await peer.next('ACK');
      const refused = await outcome;
      assert.equal(refused.kind === 'failed' && refused.failure.code, 'NO_COMMON_CODEC');
      assert.equal((await call.info()).codec, 'PCMU');
      const again = call.request({ method: 'INVITE' });
      const second = await peer.nextWhere(({ startLine }) => startLine.startsWith('INVITE'));
      assert.match(second.body, /RTP\/AVP 0 8 9 101\r\n/);
      reply(second, '200 OK', { contact: `sip:raw@127.0.0.1:${peer.port}`, body: answerSdp(0) });
      await peer.next('ACK');
      assert.equal((await again).kind, 'answered');
    });

    it('an offer waits for the one before it; other requests do not', async () => {
      const hold = call.hold('hold');
      const first = await peer.nextWhere(({ startLine }) => startLine.startsWith('INVITE'));
      const update = call.request({ method: 'UPDATE', codecs: ['PCMA'] });
      const info = call.request({ method: 'INFO' });
      const between = await peer.nextWhere(({ startLine }) => /^(INFO|UPDATE)/.test(startLine));
      assert.match(between.startLine, /^INFO/);
      reply(between, '200 OK');
      await info;
      const contact = `sip:raw@127.0.0.1:${peer.port}`;
      reply(first, '200 OK', { contact, body: `${answerSdp(0)}a=recvonly\r\n` });
      await peer.next('ACK');
      assert.equal((await hold).kind, 'done');
      const second = await peer.nextWhere(({ startLine }) => startLine.startsWith('UPDATE'));
      reply(second, '200 OK', { contact, body: `${answerSdp(8)}a=recvonly\r\n` });
      assert.equal((await update).kind, 'answered');
    });

    it('a collision (491) is tried again', async () => {
      const outcome = call.request({ method: 'UPDATE', codecs: ['PCMA'] });
      reply(await peer.nextWhere(({ startLine }) => startLine.startsWith('UPDATE')), '491 Request Pending');
      const again = await peer.nextWhere(({ startLine }) => startLine.startsWith('UPDATE'));
      reply(again, '200 OK', { contact: `sip:raw@127.0.0.1:${peer.port}`, body: answerSdp(8) });
      assert.equal((await outcome).kind, 'answered');
    });

    it('a shorter time-out ends the wait, not the call', async () => {
      const outcome = await call.request({ method: 'OPTIONS', timeout: 0.05 });
      assert.equal(outcome.sip.status, 408);
      assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'TIMEOUT');
      assert.equal(call.state, 'answered');
      reply(await peer.next('OPTIONS'), '200 OK');
    });

    it('that is not answered when the call ends says so', async () => {
      const outcome = call.request({ method: 'INVITE' });
      await peer.nextWhere(({ startLine }) => startLine.startsWith('INVITE'));
      const second = call.request({ method: 'INVITE' });
      const gone = call.hangup();
      reply(await peer.next('BYE'), '200 OK');
      await gone;
      const result = await second;
      assert.equal(result.kind === 'failed' && result.failure.code, 'CALL_ENDED');
      await outcome;
      await assert.rejects(call.request({ method: 'INFO' }), { code: 'CALL_ENDED' });
    });

    it('32 may wait; what belongs to the stack or makes no sense is refused', async () => {
      for (const method of ['ACK', 'CANCEL', 'BYE', 'PRACK', 'REFER', 'SUBSCRIBE', 'NO METHOD', '']) {
        await assert.rejects(call.request({ method }), { code: 'BAD_CONFIG' }, method);
      }
      await assert.rejects(call.request({ method: 'INFO', codecs: ['PCMA'] }), { code: 'BAD_CONFIG' });
      const sdp = { body: SDP, contentType: 'application/sdp' };
      await assert.rejects(call.request({ method: 'INVITE', ...sdp }), { code: 'BAD_CONFIG' });
      await assert.rejects(call.request({ method: 'UPDATE', ...sdp }), { code: 'BAD_CONFIG' });
      await assert.rejects(call.request({ method: 'INFO', headers: { 'Call-ID': 'x' } }), {
        code: 'BAD_CONFIG',
      });
      const waiting = Array.from({ length: 32 }, () => call.request({ method: 'OPTIONS', timeout: 0.3 }));
      await assert.rejects(call.request({ method: 'OPTIONS' }), { code: 'CALL_STATE' });
      await Promise.all(waiting);
    });
  });

  describe('outside of calls', () => {
    it('MESSAGE to a target as it is called, with its answer and the time that it took', async () => {
      const outcome = phone.request({
        method: 'MESSAGE',
        target: `sip:bob@127.0.0.1:${peer.port}`,
        body: 'hello',
      });
      const message = await peer.next('MESSAGE');
      assert.equal(message.body, 'hello');
      reply(message, '200 OK', { tag: 'far' });
      assert.equal((await outcome).kind, 'answered');
    });

    it('what cannot be reached is a failure with the code of its fault', async () => {
      const outcome = await phone.request({ method: 'OPTIONS', target: 'sip:bob@nowhere.invalid' });
      assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'DNS');
      await assert.rejects(phone.request({ method: 'OPTIONS', target: 'two words' }), { code: 'BAD_TARGET' });
    });

    it('between simulated phones by number; an unknown number is 404', async () => {
      const simulated = new Phones();
      try {
        const [one] = [await simulated.phone('201'), await simulated.phone('202')];
        assert.equal((await one.request({ method: 'OPTIONS', target: '202' })).kind, 'answered');
        const unknown = await one.request({ method: 'OPTIONS', target: '999' });
        assert.equal(unknown.sip.status, 404);
      } finally {
        await simulated.close();
      }
    });

    it('a request that came in is answered by its id, once', async () => {
      const events: string[] = [];
      phone.on('callEvent', ({ event, request: received }) => events.push(`${event} ${received?.body}`));
      const deferred = new Promise<ReceivedRequest>((resolve) => {
        phone.on('request', (received, defer) => {
          assert.equal(defer(), true);
          resolve(received);
        });
      });
      const target = `sip:1001@127.0.0.1:${port}`;
      const headers = ['Event: message-summary', 'Subscription-State: active'];
      peer.send(request('NOTIFY', { port: peer.port, target, headers, body: 'Messages-Waiting: yes' }), port);
      const { id, method, trusted, body } = await deferred;
      assert.deepEqual([method, trusted, body], ['NOTIFY', false, 'Messages-Waiting: yes']);
      assert.equal(phone.answerRequest(id, { status: 200, headers: { 'X-Read': 'yes' } }), true);
      assert.equal((await peer.next('SIP/2.0 200')).header('X-Read'), 'yes');
      assert.equal(phone.answerRequest(id, { status: 200 }), false);
      assert.deepEqual(events, ['notify Messages-Waiting: yes']);
      assert.throws(() => phone.answerRequest(id, { status: 100 }), { code: 'BAD_CONFIG' });
    });

    it('a subscription tells its state and notifications, and how it ended', async () => {
      const subscription = phone.subscribe({
        target: `sip:bob@127.0.0.1:${peer.port}`,
        event: 'presence',
        expires: 60,
      });
      const subscribe = await peer.next('SUBSCRIBE');
      reply(subscribe, '403 Forbidden', { tag: 'far' });
      const outcome = await subscription.outcome;
      assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'REQUEST_REJECTED');
      assert.equal(outcome.sip.status, 403);
      await subscription.stop();
    });
  });
});
