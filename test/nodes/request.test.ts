import assert from 'node:assert/strict';
import { RawPeer, request, response, type RawMessage } from '../wire/sip/support/raw-peer';
import { Bench, catchAll, errorOf, phone } from './support/bench';
import { answeredCall } from './support/calls';

const ask = (fields: Record<string, unknown> = {}) => ({
  ...{ id: 'ask', type: 'sip-request', method: 'method', methodType: 'msg', ...fields },
  wires: [['answered'], ['failed']],
});
const outside = { inside: false, instance: 'phone1001', target: 'to', targetType: 'msg' };
const sipOf = (msg: Record<string, unknown>) => msg.sip as Record<string, unknown>;
const codeOf = (msg: Record<string, unknown>) => (msg.failure as { code: string }).code;

describe('sip-request', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('sends a MESSAGE inside a call, of which the other side hears', async () => {
    const events = { id: 'events', type: 'sip-call-events', instance: 'phone1002', events: ['message'] };
    const { caller } = await answeredCall(
      bench,
      ask({ body: 'payload', bodyType: 'msg', contentType: 'application/json' }),
      { ...events, wires: [['event']] },
    );
    bench.send('ask', { call: caller, method: 'message', payload: { door: 1 } });
    const answered = await bench.next('answered');
    assert.equal(sipOf(answered).status, 200);
    const { payload } = await bench.next('event');
    const { message } = payload as { message: { text: string; contentType: string } };
    assert.deepEqual([message.text, message.contentType], ['{"door":1}', 'application/json']);
  });

  it('changes the codec of a call by a re-INVITE; what the other side refuses leaves by failed', async () => {
    const { caller } = await answeredCall(bench, ask({ codecs: 'codecs', codecsType: 'msg' }));
    bench.send('ask', { call: caller, method: 'INVITE', codecs: 'PCMA' });
    assert.equal(sipOf(await bench.next('answered')).status, 200);
    bench.send('ask', { call: caller, method: 'INFO', codecs: '' });
    assert.equal(sipOf(await bench.next('answered')).status, 200);
    bench.send('ask', { call: caller, method: 'FOO', codecs: '' });
    const failed = await bench.next('failed');
    assert.equal(sipOf(failed).status, 501);
    assert.equal(codeOf(failed), 'REQUEST_REJECTED');
  });

  it('pings a phone by OPTIONS outside of calls', async () => {
    await bench.load(phone('1001'), phone('1002'), ask(outside));
    bench.send('ask', { method: 'OPTIONS', to: '1002', payload: 'kept' });
    const answered = await bench.next('answered');
    assert.equal(sipOf(answered).status, 200);
    assert.equal(answered.payload, 'kept');
    assert.equal(typeof sipOf(answered).durationMs, 'number');
    bench.send('ask', { method: 'OPTIONS', to: '999' });
    assert.equal(sipOf(await bench.next('failed')).status, 404);
  });

  it('what makes no sense goes to Catch nodes', async () => {
    await bench.load(phone('1001'), ask(outside), catchAll);
    for (const method of ['', 'BYE', 'TWO WORDS', 'SUBSCRIBE']) {
      bench.send('ask', { method, to: '1001' });
      assert.equal(errorOf(await bench.next('errors')).code, 'BAD_CONFIG', method);
    }
    bench.send('ask', { action: 'stop' });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
    bench.send('ask', { action: 'answer' });
    assert.equal(errorOf(await bench.next('errors')).code, 'BAD_CONFIG');
  });

  it('answers an OPTIONS that came in, within its time', async () => {
    const events = { id: 'events', type: 'sip-call-events', instance: 'phone1002', answerRequests: true };
    const answer = { id: 'answer', type: 'sip-request', inside: false, instance: 'phone1002' };
    await bench.load(
      ...[phone('1001'), phone('1002'), ask(outside)],
      { ...events, events: ['options'], wires: [['event']] },
      { ...answer, body: 'note', bodyType: 'msg', wires: [['sent'], ['late']] },
    );
    bench.send('ask', { method: 'OPTIONS', to: '1002' });
    const { topic, request: received } = await bench.next('event');
    assert.equal(topic, 'options');
    assert.equal((received as { method: string }).method, 'OPTIONS');
    bench.send('answer', { action: 'answer', request: received, statusCode: 486, note: 'full' });
    await bench.next('sent');
    const failed = await bench.next('failed');
    assert.equal(sipOf(failed).status, 486);
    assert.equal(sipOf(failed).body, 'full');
    bench.send('answer', { action: 'answer', request: received });
    assert.equal(codeOf(await bench.next('late')), 'TIMEOUT');
  });

  describe('with SUBSCRIBE', () => {
    let peer: RawPeer;
    let port: number;
    beforeEach(async () => {
      peer = await RawPeer.open();
      const network = phone('1001', { mode: 'network', bindAddress: '127.0.0.1', port: '0' });
      const headers = { headers: '{"Event":"message-summary","Expires":"600"}', headersType: 'json' };
      const timeout = { timeout: 'limit', timeoutType: 'msg' };
      await bench.load(
        network,
        ask({ ...outside, ...headers, ...timeout, method: 'SUBSCRIBE', methodType: 'str' }),
      );
      port = await bench.portOf('phone1001');
    });
    afterEach(async () => peer.close());

    const reply = (to: RawMessage, status: string): void =>
      peer.send(response(to, status, { tag: 'n', headers: ['Expires: 600'] }), port);
    const notify = (to: RawMessage, state: string, cseq: number): void =>
      peer.send(
        request('NOTIFY', {
          ...{ port: peer.port, target: `sip:1001@127.0.0.1:${port}`, cseq, fromTag: 'n' },
          callId: to.header('Call-ID'),
          to: to.header('From'),
          headers: ['Event: message-summary', `Subscription-State: ${state}`],
          body: 'Messages-Waiting: yes\r\n',
        }),
        port,
      );
    const subscribe = async (): Promise<RawMessage> => {
      bench.send('ask', { to: `sip:mwi@127.0.0.1:${peer.port}`, payload: 'kept' });
      const first = await peer.next('SUBSCRIBE');
      reply(first, '200 OK');
      assert.equal(sipOf(await bench.next('answered')).event, 'subscribed');
      notify(first, 'active;expires=600', 1);
      const news = await bench.next('answered');
      assert.equal(sipOf(news).event, 'notify');
      assert.equal(sipOf(news).body, 'Messages-Waiting: yes\r\n');
      assert.equal(news.subscription, first.header('Call-ID'));
      return first;
    };

    it('tells its notifications, and unsubscribes by a message', async () => {
      await subscribe();
      bench.send('ask', { action: 'stop' });
      const last = await peer.next('SUBSCRIBE');
      assert.equal(last.header('Expires'), '0');
      reply(last, '200 OK');
      const done = await bench.next('answered');
      assert.equal(sipOf(done).event, 'unsubscribed');
      assert.equal(done.payload, 'kept');
    });

    it('leaves by failed when the other side ends it', async () => {
      const first = await subscribe();
      notify(first, 'terminated;reason=noresource', 2);
      assert.equal(sipOf(await bench.next('answered')).state, 'terminated');
      const failed = await bench.next('failed');
      assert.equal(sipOf(failed).reason, 'noresource');
      assert.equal(codeOf(failed), 'REQUEST_REJECTED');
    });

    it('leaves by failed when nothing answers in time; a late 2xx is taken back', async () => {
      bench.send('ask', { to: `sip:mwi@127.0.0.1:${peer.port}`, limit: 0.3, payload: 'kept' });
      const first = await peer.next('SUBSCRIBE');
      const failed = await bench.next('failed');
      assert.deepEqual([sipOf(failed).status, codeOf(failed), failed.payload], [408, 'TIMEOUT', 'kept']);
      await bench.statusOf('ask', [/short\.TIMEOUT$/]);
      reply(first, '200 OK');
      const last = await peer.nextWhere((message) => message.header('Expires') === '0');
      assert.equal(last.header('Call-ID'), first.header('Call-ID'));
      reply(last, '200 OK');
      assert.equal(bench.count('answered'), 0);
    });

    it('leaves by failed when no notification follows the answer in time', async () => {
      bench.send('ask', { to: `sip:mwi@127.0.0.1:${peer.port}`, limit: 0.3 });
      reply(await peer.next('SUBSCRIBE'), '200 OK');
      assert.equal(sipOf(await bench.next('answered')).event, 'subscribed');
      const failed = await bench.next('failed');
      assert.equal(codeOf(failed), 'TIMEOUT');
      const last = await peer.nextWhere((message) => message.header('Expires') === '0');
      reply(last, '200 OK');
    });

    it('unsubscribes when its node closes', async () => {
      await subscribe();
      const unloading = bench.unload();
      const last = await peer.next('SUBSCRIBE');
      assert.equal(last.header('Expires'), '0');
      reply(last, '200 OK');
      await unloading;
    });
  });
});
