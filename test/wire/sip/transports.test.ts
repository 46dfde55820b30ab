import assert from 'node:assert/strict';
import { once as eventOf } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { createSelfSigned } from '../../../lib/sip/index';
import { ANSWER, answered, Bench, failed, nextInvite, OFFER, once, uriOf } from './support/endpoints';
import { parse, request, response, SDP } from './support/raw-peer';

/** What every transport must do; run over each. */
for (const transport of ['udp', 'tcp', 'tls', 'ws', 'wss'] as const) {
  describe(`calls over ${transport}`, () => {
    const own = createSelfSigned();
    const bench = new Bench({ transport, tls: { ...own, ca: own.cert } });
    afterEach(() => bench.close());

    it('are set up, modified and ended, in both directions', async () => {
      const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
      for (const [caller, callee] of [
        [alice, bob],
        [bob, alice],
      ]) {
        const incoming = nextInvite(callee);
        const call = caller.invite({ target: uriOf(callee), body: OFFER });
        const outcome = answered(call);
        const invite = await incoming;
        assert.match(invite.request.headers.Via[0], new RegExp(`^SIP/2.0/${transport.toUpperCase()} `));
        invite.progress({ status: 183, body: ANSWER, reliable: true });
        const { dialog: far, acknowledged } = invite.accept({ body: ANSWER });
        const { dialog: near } = await outcome;
        assert.equal((await acknowledged).acknowledged, true);
        far.on('modify', (modify) => modify.respond({ status: 200, body: ANSWER }));
        assert.equal((await near.request('INVITE', { body: OFFER })).status, 200);
        const bye = once(near, 'bye');
        await far.bye();
        await bye;
      }
    });

    it('are refused and cancelled', async () => {
      const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
      let incoming = nextInvite(bob);
      const refused = failed(alice.invite({ target: uriOf(bob), body: OFFER }));
      (await incoming).reject({ status: 486 });
      assert.equal((await refused).response.status, 486);
      incoming = nextInvite(bob);
      const call = alice.invite({ target: uriOf(bob), body: OFFER });
      const cancelled = failed(call);
      (await incoming).progress({ status: 180 });
      call.cancel();
      assert.equal((await cancelled).response.status, 487);
    });

    it('carry messages that are larger than a datagram should be', async () => {
      const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
      bob.on('invite', (invite) =>
        invite.accept({ body: ANSWER, headers: { 'X-Long': 'y'.repeat(20_000) } }),
      );
      const call = alice.invite({
        target: uriOf(bob),
        body: OFFER,
        headers: { 'X-Long': 'x'.repeat(20_000) },
      });
      const { response: ok, dialog } = await answered(call);
      assert.equal(ok.headers['X-Long'][0].length, 20_000);
      await dialog.bye();
    });
  });
}

describe('SIP over TCP', () => {
  const bench = new Bench();
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) {
      socket.destroy();
      if (!socket.closed) await eventOf(socket, 'close');
    }
    await bench.close(0);
  });

  async function client(port: number): Promise<{ socket: Socket; next: () => Promise<string> }> {
    const socket = connectTcp(port, '127.0.0.1');
    sockets.push(socket);
    await eventOf(socket, 'connect');
    const next = async (): Promise<string> => {
      const [chunk] = (await eventOf(socket, 'data')) as [Buffer];
      return chunk.toString();
    };
    return { socket, next };
  }

  it('takes messages in pieces and together, and answers pings and requests on the same connection', async () => {
    const bob = await bench.endpoint('bob', { transport: 'tcp' });
    const { socket, next } = await client(bob.localAddress.port);
    const options = (): string =>
      request('OPTIONS', { port: 9, target: uriOf(bob) }).replace('SIP/2.0/UDP', 'SIP/2.0/TCP');
    let answer = next();
    socket.write('\r\n\r\n');
    assert.equal(await answer, '\r\n');
    const text = options();
    answer = next();
    socket.write(text.slice(0, 30));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(text.slice(30));
    const first = parse(await answer);
    assert.equal(first.startLine, 'SIP/2.0 200 OK');
    assert.match(first.header('Via'), /received=127\.0\.0\.1;rport=\d+$/);
    answer = next();
    socket.write(options() + options());
    const both = await answer;
    assert.equal(both.match(/SIP\/2\.0 200 OK/g)?.length, 2);
  });

  it('closes a connection that it cannot follow, and goes on with the others', async () => {
    const bob = await bench.endpoint('bob', { transport: 'tcp' });
    const bad = await client(bob.localAddress.port);
    const good = await client(bob.localAddress.port);
    bad.socket.write(`OPTIONS sip:x SIP/2.0\r\nContent-Length: 99999\r\n\r\n`);
    await eventOf(bad.socket, 'close');
    const answer = good.next();
    good.socket.write(request('OPTIONS', { port: 9, target: uriOf(bob) }));
    assert.match(await answer, /^SIP\/2\.0 200/);
  });

  it('reports 503 when nobody listens, and when the connection breaks while it connects', async () => {
    const alice = await bench.endpoint('alice', { transport: 'tcp' });
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await eventOf(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { response: info, origin } = await failed(
      alice.invite({ target: `sip:bob@127.0.0.1:${port}`, body: OFFER }),
    );
    assert.deepEqual([info.status, origin], [503, 'transport']);
  });

  it('opens a new connection for the next request when the peer has closed the first', async () => {
    const [alice, bob] = [
      await bench.endpoint('alice', { transport: 'tcp' }),
      await bench.endpoint('bob', { transport: 'tcp' }),
    ];
    const { port } = bob.localAddress;
    bob.on('invite', (invite) => invite.accept({ body: ANSWER }));
    const { dialog } = await answered(alice.invite({ target: uriOf(bob), body: OFFER }));
    await dialog.bye();
    await bob.close();
    const again = await bench.endpoint('bob', { transport: 'tcp', port });
    again.on('invite', (invite) => invite.accept({ body: ANSWER }));
    const second = await answered(alice.invite({ target: uriOf(again), body: OFFER }));
    await second.dialog.bye();
  });

  it('sends a large request of a UDP endpoint over TCP when the peer takes it, with CANCEL and ACK on the same way', async () => {
    const alice = await bench.endpoint('alice');
    const server = createServer((socket) => sockets.push(socket));
    server.listen(0, '127.0.0.1');
    await eventOf(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const target = `sip:bob@127.0.0.1:${port}`;
    const outcome = failed(alice.invite({ target, body: OFFER, headers: { 'X-Long': 'x'.repeat(1500) } }));
    const [socket] = (await eventOf(server, 'connection')) as [Socket];
    const [bytes] = (await eventOf(socket, 'data')) as [Buffer];
    const invite = parse(bytes.toString());
    assert.match(invite.header('Via'), /^SIP\/2\.0\/TCP /);
    assert.equal(invite.body, SDP);
    const data = eventOf(socket, 'data') as Promise<[Buffer]>;
    socket.write(response(invite, '486 Busy Here', { tag: 'x' }));
    const ack = parse((await data)[0].toString());
    assert.match(ack.startLine, /^ACK/);
    assert.equal(ack.header('Via'), invite.header('Via'));
    assert.equal((await outcome).response.status, 486);
    await new Promise((resolve) => {
      socket.destroy();
      server.close(resolve);
    });
  });

  it('sends a large request as a datagram when the peer takes no connection', async () => {
    const alice = await bench.endpoint('alice');
    const peer = await bench.raw();
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    for (let calls = 0; calls < 2; calls++) {
      const outcome = failed(alice.invite({ target, body: OFFER, headers: { 'X-Long': 'x'.repeat(1500) } }));
      const invite = await peer.next('INVITE');
      assert.match(invite.header('Via'), /^SIP\/2\.0\/UDP /);
      peer.send(response(invite, '486 Busy Here', { tag: 'x' }), invite.port);
      await outcome;
    }
  });
});
