import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { IncomingRequest, SipResponseInfo } from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { Bench, uriOf } from './support/endpoints';
import { parse, request, response, type RawMessage, type RawPeer } from './support/raw-peer';

describe('requests outside of dialogs', () => {
  const bench = new Bench();
  let peer: RawPeer;
  const credentials = { user: 'alice', password: 'secret' };

  beforeEach(async () => (peer = await bench.raw(true)));
  afterEach(() => bench.close(0));

  const target = (): string => `sip:bob@127.0.0.1:${peer.port}`;
  const reply = (to: RawMessage, status: string, parts: Parameters<typeof response>[2] = {}): void =>
    peer.send(response(to, status, { tag: 'far', ...parts }), to.port);

  it('OPTIONS goes out with what RFC 3261 asks for, and its answer comes back as data', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = alice.request({ method: 'OPTIONS', target: target(), headers: { 'X-Ping': '1' } });
    const options = await peer.next('OPTIONS');
    assert.equal(options.startLine, `OPTIONS ${target()} SIP/2.0`);
    assert.equal(options.header('To'), '<sip:bob@127.0.0.1>');
    assert.match(options.header('From'), /;tag=/);
    assert.equal(options.header('X-Ping'), '1');
    assert.match(options.header('Contact'), /^<sip:alice@127\.0\.0\.1:\d+>$/);
    reply(options, '200 OK', { headers: ['Allow: INVITE, MESSAGE'], body: 'v=0\r\n' });
    const { status, headers, body } = await outcome;
    assert.equal(status, 200);
    assert.deepEqual(headers['Allow'], ['INVITE, MESSAGE']);
    assert.deepEqual(body, { contentType: 'application/sdp', content: 'v=0\r\n' });
    assert.equal(alice.counts.clients, 0);
  });

  it('a challenge is answered where the credentials may go, in the next CSeq of the same Call-ID', async () => {
    const alice = await bench.endpoint('alice', { credentials });
    const body = { contentType: 'text/plain', content: 'hello' };
    const outcome = alice.request({ method: 'MESSAGE', target: target(), body });
    const first = await peer.next('MESSAGE');
    reply(first, '401 Unauthorized', {
      headers: ['WWW-Authenticate: Digest realm="lab", nonce="n", qop="auth"'],
    });
    const second = await peer.next('MESSAGE');
    assert.match(second.header('Authorization'), /^Digest username="alice", realm="lab"/);
    assert.equal(second.header('Call-ID'), first.header('Call-ID'));
    assert.deepEqual([first.header('CSeq'), second.header('CSeq')], ['1 MESSAGE', '2 MESSAGE']);
    assert.equal(second.body, 'hello');
    assert.equal(second.header('Content-Type'), 'text/plain');
    reply(second, '202 Accepted');
    assert.equal((await outcome).status, 202);
  });

  it('no credentials for a stranger when the phone has servers of its own', async () => {
    const alice = await bench.endpoint('alice', { credentials, domain: '127.0.0.1:9' });
    const outcome = alice.request({ method: 'OPTIONS', target: target() });
    reply(await peer.next('OPTIONS'), '401 Unauthorized', {
      headers: ['WWW-Authenticate: Digest realm="lab", nonce="n", qop="auth"'],
    });
    const { status, diagnosis } = await outcome;
    assert.equal(status, 401);
    assert.match(diagnosis ?? '', /credentials|password/i);
    assert.equal(peer.count('OPTIONS'), 1);
  });

  it('goes by the outbound proxy, whatever the target says', async () => {
    const alice = await bench.endpoint('alice', { outboundProxy: `127.0.0.1:${peer.port}` });
    const outcome = alice.request({
      method: 'PUBLISH',
      target: 'sip:bob@192.0.2.1',
      headers: { Event: 'presence' },
    });
    const publish = await peer.next('PUBLISH');
    assert.equal(publish.startLine, 'PUBLISH sip:bob@192.0.2.1 SIP/2.0');
    assert.equal(publish.header('Event'), 'presence');
    reply(publish, '489 Bad Event');
    assert.equal((await outcome).status, 489);
  });

  it('without an answer it is sent again until 64·T1 are over, and then has a 408', async () => {
    const clock = new ManualClock();
    const alice = await bench.endpoint('alice', {}, { clock });
    const outcome = alice.request({ method: 'OPTIONS', target: target() });
    await peer.next('OPTIONS');
    clock.advance(500);
    await peer.next('OPTIONS');
    clock.advance(31_600);
    assert.equal((await outcome).status, 408);
    const closed = bench.close(0);
    clock.advance(0);
    await closed;
  });

  it('whoever waits is told when the endpoint closes', async () => {
    const alice = await bench.endpoint('alice');
    const outcome = alice.request({ method: 'OPTIONS', target: target() });
    await peer.next('OPTIONS');
    await alice.close(0);
    assert.equal((await outcome).status, 408);
    await assert.rejects(alice.request({ method: 'OPTIONS', target: target() }), {
      code: 'INSTANCE_NOT_READY',
    });
  });

  it('at most 500 wait at the same time', async () => {
    const alice = await bench.endpoint('alice');
    const waiting = Array.from({ length: 500 }, () => alice.request({ method: 'OPTIONS', target: target() }));
    await assert.rejects(alice.request({ method: 'OPTIONS', target: target() }), { code: 'MAX_CALLS' });
    await alice.close(0);
    const answers = await Promise.all(waiting);
    assert.ok(answers.every(({ status }) => status === 408));
  });

  const refused = [
    ...['', 'TWO WORDS', 'X\r\nEvil: 1', 'ACK', 'CANCEL', 'BYE', 'PRACK', 'INVITE', 'UPDATE', 'INFO'],
    ...['REGISTER', 'SUBSCRIBE'],
  ];
  for (const method of refused) {
    it(`refuses the method ${JSON.stringify(method)}`, async () => {
      const alice = await bench.endpoint('alice');
      await assert.rejects(alice.request({ method, target: target() }), { code: 'BAD_CONFIG' });
      await peer.settled(alice.localAddress.port);
      assert.equal(peer.received.filter(({ startLine }) => !startLine.startsWith('SIP/2.0')).length, 0);
    });
  }

  it('nothing that a flow fills in begins another header field', async () => {
    const alice = await bench.endpoint('alice');
    const send = (options: object): Promise<SipResponseInfo> =>
      alice.request({ method: 'MESSAGE', target: target(), ...options });
    await assert.rejects(send({ headers: { 'X\r\nEvil': '1' } }), { code: 'BAD_CONFIG' });
    await assert.rejects(send({ headers: { Via: 'x' } }), { code: 'BAD_CONFIG' });
    await assert.rejects(send({ target: `${target()}\r\nEvil: 1` }), { code: 'BAD_TARGET' });
    const body = { contentType: 'text/plain\r\nEvil: 1', content: 'x' };
    await assert.rejects(send({ body }), { code: 'BAD_CONFIG' });
    const sent = send({ headers: { 'X-Note': 'a\r\nEvil: 1' } });
    const message = await peer.next('MESSAGE');
    assert.equal(message.header('Evil'), '');
    assert.equal(message.header('X-Note'), 'a Evil: 1');
    reply(message, '200 OK');
    await sent;
  });

  describe('too large for a datagram (RFC 3261, 18.1.1)', () => {
    let server: Server | undefined;
    afterEach(async () => {
      const closing = server;
      server = undefined;
      if (!closing) return;
      closing.close();
      await once(closing, 'close');
    });
    const body = { contentType: 'text/plain', content: 'x'.repeat(70_000) };

    it('70 kB go over TCP', async () => {
      const received = new Promise<RawMessage>((resolve) => {
        server = createServer((socket) => {
          let text = '';
          socket.on('error', () => undefined);
          socket.on('data', (bytes) => {
            text += bytes.toString('latin1');
            const end = text.indexOf('\r\n\r\n');
            if (end < 0 || text.length < end + 4 + body.content.length) return;
            const message = parse(text);
            socket.end(response(message, '200 OK', { tag: 'far' }));
            resolve(message);
          });
        });
      });
      server?.listen(peer.port, '127.0.0.1');
      await once(server as Server, 'listening');
      const alice = await bench.endpoint('alice');
      const outcome = alice.request({ method: 'MESSAGE', target: target(), body });
      const message = await received;
      assert.match(message.header('Via'), /^SIP\/2\.0\/TCP /);
      assert.equal(message.body, body.content);
      assert.equal((await outcome).status, 200);
      assert.equal(peer.count('MESSAGE'), 0, 'nothing by UDP');
    });

    it('where nothing takes connections, a fault says so, time and again', async () => {
      const alice = await bench.endpoint('alice');
      for (let round = 0; round < 2; round++) {
        const { status, fault, diagnosis } = await alice.request({
          method: 'MESSAGE',
          target: target(),
          body,
        });
        assert.equal(status, 503);
        assert.equal(fault, 'TRANSPORT');
        assert.match(
          diagnosis ?? '',
          /^The MESSAGE has 70\d{3} bytes, more than a datagram can carry, and .* no connection/,
        );
      }
    });

    it('1 MB is the most', async () => {
      const alice = await bench.endpoint('alice');
      const content = 'x'.repeat(1_048_577);
      await assert.rejects(
        alice.request({ method: 'MESSAGE', target: target(), body: { ...body, content } }),
        { code: 'BAD_CONFIG' },
      );
    });
  });

  describe('that come in', () => {
    const ask = (method: string, port: number, headers: string[] = [], branch?: string): void =>
      peer.send(
        request(method, {
          ...{ port: peer.port, target: `sip:alice@127.0.0.1:${port}`, headers },
          ...(branch === undefined ? {} : { branch }),
        }),
        port,
      );

    it('are told, and answered as always when nobody defers them', async () => {
      const alice = await bench.endpoint('alice');
      const seen: IncomingRequest[] = [];
      alice.on('request', (incoming) => seen.push(incoming));
      const { port } = alice.localAddress;
      ask('OPTIONS', port);
      assert.match((await peer.next('200')).header('Allow'), /INVITE.*MESSAGE/);
      ask('NOTIFY', port, ['Event: message-summary', 'Subscription-State: active']);
      await peer.next('481');
      ask('MESSAGE', port);
      await peer.next('200');
      assert.deepEqual(
        seen.map(({ request: { method } }) => method),
        ['OPTIONS', 'NOTIFY', 'MESSAGE'],
      );
      assert.equal(seen[0]?.respond({ status: 500 }), false, 'one answer is enough');
    });

    it('a listener may answer within 1 s; a copy of the request gets the same answer', async () => {
      const clock = new ManualClock();
      const alice = await bench.endpoint('alice', {}, { clock });
      let deferred: IncomingRequest | undefined;
      alice.on('request', (incoming) => {
        assert.equal(incoming.defer(), true);
        deferred = incoming;
      });
      const { port } = alice.localAddress;
      ask('OPTIONS', port, [], 'z9hG4bKtwice');
      ask('OPTIONS', port, [], 'z9hG4bKtwice');
      while (!deferred) await new Promise(setImmediate);
      assert.equal(deferred.respond({ status: 486, headers: { 'X-Load': 'full' } }), true);
      assert.equal((await peer.next('486')).header('X-Load'), 'full');

      deferred = undefined;
      ask('NOTIFY', port, [], 'z9hG4bKlate');
      while (!deferred) await new Promise(setImmediate);
      assert.equal(peer.count('481'), 0);
      clock.advance(1000);
      await peer.next('481');
      assert.equal((deferred as IncomingRequest).respond({ status: 200 }), false);
      const closed = bench.close(0);
      clock.advance(0);
      await closed;
    });

    it('64 may wait; the next one gets its default answer at once', async () => {
      const clock = new ManualClock();
      const alice = await bench.endpoint('alice', {}, { clock });
      const deferred: boolean[] = [];
      alice.on('request', (incoming) => deferred.push(incoming.defer()));
      const { port } = alice.localAddress;
      for (let count = 0; count < 65; count++) ask('OPTIONS', port);
      await peer.next('200');
      assert.equal(deferred.filter(Boolean).length, 64);
      assert.equal(peer.count('200'), 1);
      const closed = bench.close(0);
      clock.advance(0);
      await closed;
    });

    it('a flood of OPTIONS is answered and told of 100 times a second at most', async () => {
      const clock = new ManualClock();
      const alice = await bench.endpoint('alice', {}, { clock });
      let told = 0;
      alice.on('request', () => told++);
      const { port } = alice.localAddress;
      for (let count = 0; count < 300; count++) {
        ask('OPTIONS', port);
        if (count % 50 === 49) await peer.settled(port);
      }
      assert.equal(told, 100);
      assert.ok(peer.count('200') >= 300);
      const closed = bench.close(0);
      clock.advance(0);
      await closed;
    });

    it('strangers are refused where acceptFrom says so, and not told of where callers must prove themselves', async () => {
      const closed = await bench.endpoint('alice', { acceptFrom: ['192.0.2.1'] });
      const proving = await bench.endpoint('carol', { callers: credentials });
      let told = 0;
      for (const endpoint of [closed, proving]) endpoint.on('request', () => told++);
      ask('OPTIONS', closed.localAddress.port);
      await peer.next('403');
      ask('OPTIONS', proving.localAddress.port);
      await peer.next('200');
      ask('MESSAGE', proving.localAddress.port);
      await peer.next('401');
      assert.equal(told, 0);
    });

    it('OPTIONS goes both ways between two endpoints', async () => {
      const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
      for (const [from, to] of [[alice, bob] as const, [bob, alice] as const]) {
        const { status, headers } = await from.request({ method: 'OPTIONS', target: uriOf(to) });
        assert.equal(status, 200);
        assert.match(headers['Allow']?.[0] ?? '', /INVITE/);
      }
    });
  });
});
