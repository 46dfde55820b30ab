import assert from 'node:assert/strict';
import { RawPeer, request, response, type RawMessage } from '../wire/sip/support/raw-peer';
import { Bench, callOf, catchAll, errorOf, phone, type FlowNode } from './support/bench';
import { answeredCall } from './support/calls';

const EVIL = '\r\nX-Evil: 1';
/** A body of 70 kB, more than any datagram carries. */
const LARGE = 'x'.repeat(70_000);

/** Every field comes from the message. */
const ask = (fields: Record<string, unknown>): FlowNode => ({
  ...{ id: 'ask', type: 'sip-request', method: 'method', methodType: 'msg', ...fields },
  ...{ body: 'body', bodyType: 'msg', headers: 'headers', headersType: 'msg' },
  ...{ contentType: 'contentType', contentTypeType: 'msg', target: 'to', targetType: 'msg' },
  wires: [['answered'], ['failed']],
});
const outside = ask({ inside: false, instance: 'phone1001' });
const GIVEN = { method: 'MESSAGE', body: 'hello', headers: {}, contentType: 'text/plain' };
const sipOf = (msg: Record<string, unknown>) => msg.sip as Record<string, unknown>;

describe('sip-request with bad input', () => {
  let bench: Bench;
  let peer: RawPeer;
  let port: number;
  beforeEach(async () => {
    bench = new Bench();
    peer = await RawPeer.open(true);
  });
  afterEach(async () => {
    await bench.close();
    await peer.close();
  });

  const network = phone('1001', { mode: 'network', bindAddress: '127.0.0.1', port: '0' });
  const load = async (...nodes: FlowNode[]): Promise<void> => {
    await bench.load(network, ...nodes, catchAll);
    port = await bench.portOf('phone1001');
  };
  const target = (): string => `sip:bob@127.0.0.1:${peer.port}`;
  const reply = (to: RawMessage, status = '200 OK', headers: string[] = []): void =>
    peer.send(response(to, status, { tag: 'far', headers }), port);
  const requests = (): RawMessage[] =>
    peer.received.filter(({ startLine }) => !startLine.startsWith('SIP/2.0'));

  const refused: [field: string, given: object, code: string][] = [
    ['method', { method: `INFO${EVIL}` }, 'BAD_CONFIG'],
    ['content type', { contentType: `text/plain${EVIL}` }, 'BAD_CONFIG'],
    ['name of a header', { headers: { [`X-Note: 1${EVIL}`]: '1' } }, 'BAD_CONFIG'],
    ['value of a header', { headers: { 'X-Note': `1${EVIL}` } }, 'BAD_CONFIG'],
  ];
  for (const [field, given, code] of [
    ...refused,
    ['target', { to: `sip:bob@127.0.0.1${EVIL}` }, 'BAD_TARGET'] as const,
  ]) {
    it(`a ${field} that begins another header field is refused, and nothing is sent`, async () => {
      await load(outside);
      bench.send('ask', { ...GIVEN, to: target(), ...given });
      assert.equal(errorOf(await bench.next('errors')).code, code);
      await peer.settled(port);
      assert.deepEqual(requests(), []);
    });
  }

  for (const [field, given, code] of refused) {
    it(`the same inside a call: ${field}`, async () => {
      const { caller } = await answeredCall(bench, ask({}), {
        ...{ id: 'events', type: 'sip-call-events', instance: 'phone1002', events: ['message'] },
        wires: [['event']],
      });
      bench.send('ask', { ...GIVEN, call: caller, ...given });
      assert.equal(errorOf(await bench.next('errors')).code, code);
      bench.send('ask', { ...GIVEN, call: caller });
      await bench.next('answered');
      assert.equal(bench.count('event'), 1, 'the call goes on, and has seen the good one only');
    });
  }

  it('what looks like header fields in a body stays in the body', async () => {
    await load(outside);
    const body = `a${EVIL}\r\n\r\nMESSAGE sip:x@x SIP/2.0\r\n\r\n`;
    bench.send('ask', { ...GIVEN, to: target(), body });
    const message = await peer.next('MESSAGE');
    assert.equal(message.header('X-Evil'), '');
    assert.equal(message.body, body);
    reply(message);
    await bench.next('answered');
  });

  it('the reason and the headers of an answer begin no other header field', async () => {
    const events = { type: 'sip-call-events', instance: 'phone1001', answerRequests: true };
    await load(outside, { ...events, id: 'events', events: ['options'], wires: [['event']] });
    const answer = async (given: object): Promise<void> => {
      peer.send(request('OPTIONS', { port: peer.port, target: `sip:1001@127.0.0.1:${port}` }), port);
      const { request: received } = await bench.next('event');
      bench.send('ask', { ...GIVEN, action: 'answer', request: received, ...given });
    };
    await answer({ statusCode: 486, reason: `Busy${EVIL}` });
    const busy = await peer.next('SIP/2.0 486');
    assert.equal(busy.header('X-Evil'), '');
    assert.equal(busy.startLine, 'SIP/2.0 486 Busy X-Evil: 1');
    await bench.next('answered');
    await answer({ statusCode: 486, contentType: `text/plain${EVIL}` });
    assert.equal(errorOf(await bench.next('errors')).code, 'BAD_CONFIG');
  });

  it('60 kB go to a phone over TCP, inside a call and outside; 70 kB are more than a phone takes', async () => {
    await load(
      outside,
      { ...ask({}), id: 'inside' },
      phone('1002', { mode: 'network', bindAddress: '127.0.0.1', port: '0' }),
      {
        ...{ id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: 'to', targetType: 'msg' },
        wires: [['up']],
      },
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
      { id: 'pick', type: 'sip-answer', wires: [['picked']] },
      {
        ...{ id: 'events', type: 'sip-call-events', instance: 'phone1002', events: ['message'] },
        wires: [['event']],
      },
    );
    const to = `sip:1002@127.0.0.1:${await bench.portOf('phone1002')}`;
    bench.send('dial', { to });
    const call = callOf(await bench.next('up'));
    await bench.next('picked');
    for (const id of ['ask', 'inside']) {
      bench.send(id, { ...GIVEN, to, call, body: LARGE.slice(10_000) });
      assert.equal(sipOf(await bench.next('answered')).status, 200, id);
      await bench.next('event');
      bench.send(id, { ...GIVEN, to, call, body: LARGE });
      assert.equal(sipOf(await bench.next('failed')).status, 513, id);
    }
  });

  it('70 kB to a peer without TCP leave by failed, with a sentence that says why', async () => {
    await load(outside);
    bench.send('ask', { ...GIVEN, to: target(), body: LARGE });
    const { failure } = await bench.next('failed');
    const { code, message } = failure as { code: string; message: string };
    assert.equal(code, 'TRANSPORT');
    assert.match(message, /more than a datagram can carry/);
  });

  it('a request while another of the same kind runs has its own answer', async () => {
    await load(outside);
    for (const note of ['one', 'two']) bench.send('ask', { ...GIVEN, to: target(), method: 'OPTIONS', note });
    const [first, second] = [await peer.next('OPTIONS'), await peer.next('OPTIONS')];
    assert.notEqual(first.header('Call-ID'), second.header('Call-ID'));
    reply(second, '200 OK');
    assert.equal((await bench.next('answered')).note, 'two');
    reply(first, '486 Busy Here');
    assert.equal((await bench.next('failed')).note, 'one');
  });

  it('two re-INVITEs at once go one after the other', async () => {
    const { caller } = await answeredCall(bench, ask({ codecs: 'codecs', codecsType: 'msg' }));
    for (const codecs of ['PCMA', 'PCMU']) bench.send('ask', { call: caller, method: 'INVITE', codecs });
    for (let count = 0; count < 2; count++) {
      assert.equal(sipOf(await bench.next('answered')).status, 200);
    }
  });

  describe('with SUBSCRIBE', () => {
    const notify = (to: RawMessage, cseq: number): void =>
      peer.send(
        request('NOTIFY', {
          ...{ port: peer.port, target: `sip:1001@127.0.0.1:${port}`, cseq, fromTag: 'far' },
          callId: to.header('Call-ID'),
          to: to.header('From'),
          headers: ['Event: presence', 'Subscription-State: active'],
        }),
        port,
      );
    const subscribed = async (): Promise<RawMessage> => {
      await load(outside);
      bench.send('ask', { ...GIVEN, method: 'SUBSCRIBE', to: target(), headers: { Event: 'presence' } });
      const first = await peer.next('SUBSCRIBE');
      reply(first, '200 OK', ['Expires: 600']);
      assert.equal(sipOf(await bench.next('answered')).event, 'subscribed');
      return first;
    };

    it('of a flood of notifications 50 a second become messages', async () => {
      const first = await subscribed();
      for (let cseq = 1; cseq <= 200; cseq++) {
        notify(first, cseq);
        if (cseq % 50 === 0) await peer.settled(port);
      }
      await peer.settled(port);
      // One more than `subscribed`; a slow machine takes more than a second for the flood.
      const told = bench.count('answered') - 1;
      assert.ok(told >= 50 && told < 200, `${told} messages`);
      assert.ok(peer.received.some(({ startLine }) => startLine.startsWith('SIP/2.0 503')));
    });

    it('a notification for nobody gets 481, and no message comes of it', async () => {
      await load(outside, {
        ...{ id: 'events', type: 'sip-call-events', instance: 'phone1001', events: ['notify'] },
        wires: [['event']],
      });
      const headers = ['Event: presence', 'Subscription-State: active'];
      peer.send(request('NOTIFY', { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, headers }), port);
      await peer.next('SIP/2.0 481');
      assert.equal((await bench.next('event')).topic, 'notify');
      assert.equal(bench.count('answered'), 0);
    });
  });
});
