import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { InspectableEndpoint } from '../../../lib/sip/index';
import { Phones, receive } from '../../support/phones';
import { Bench, uriOf } from './support/endpoints';
import { request, SDP, type RawPeer } from './support/raw-peer';

const FLOOD = 2000;

/** A socket that floods, counts, and never acknowledges. */
class Stranger {
  readonly #socket = createSocket('udp4');
  answers = 0;
  bytesIn = 0;
  bytesOut = 0;
  readonly statuses = new Set<string>();

  async open(): Promise<void> {
    this.#socket.on('message', (bytes) => {
      this.answers++;
      this.bytesIn += bytes.length;
      this.statuses.add(bytes.toString('latin1', 8, 11));
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
  }

  /** Sends that many INVITEs to numbers nobody has, a few at a time so that no socket buffer overflows. */
  async flood(count: number, port: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const invite = Buffer.from(
        request('INVITE', {
          port: this.#socket.address().port,
          target: `sip:900${index}@127.0.0.1:${port}`,
          callId: `flood-${index}`,
          branch: `z9hG4bKflood${index}`,
          body: SDP,
        }),
      );
      this.bytesOut += invite.length;
      this.#socket.send(invite, port, '127.0.0.1');
      if (index % 50 === 49) while (this.answers < index - 50) await once(this.#socket, 'message');
    }
    while (this.answers < count) await once(this.#socket, 'message');
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

describe('calls that nobody takes', () => {
  const bench = new Bench();
  let bob: InspectableEndpoint;
  let peer: RawPeer;

  beforeEach(async () => {
    bob = await bench.endpoint('bob', {}, { refuseCall: () => ({ status: 404 }) });
    bob.on('invite', () => assert.fail('nobody takes it'));
    peer = await bench.raw(true);
  });
  afterEach(() => bench.close(0));

  it('are refused once per copy, with the same To tag, and their ACK is absorbed', async () => {
    const { port } = bob.localAddress;
    const parts = {
      port: peer.port,
      target: uriOf(bob),
      callId: 'copies',
      branch: 'z9hG4bKcopies',
      body: SDP,
    };
    for (let copy = 0; copy < 3; copy++) peer.send(request('INVITE', parts), port);
    const refusals = [];
    for (let copy = 0; copy < 3; copy++) refusals.push(await peer.next('404'));
    assert.equal(new Set(refusals.map(({ header }) => header('To'))).size, 1);
    assert.match(refusals[0].header('To'), /;tag=.{8,}$/);
    peer.send(request('ACK', { ...parts, to: refusals[0].header('To'), body: '' }), port);
    peer.send(request('ACK', { ...parts, to: refusals[0].header('To'), body: '' }), port);
    peer.send(request('CANCEL', { ...parts, body: '' }), port);
    await peer.next('481');
    await peer.settled(port);
    assert.equal(peer.count('SIP/2.0 404'), 3);
    assert.equal(peer.count('SIP/2.0 481'), 1);
    assert.deepEqual(bob.counts, { clients: 0, servers: 0, dialogs: 0, invites: 0, retransmissions: 0 });
  });

  it('leave nothing behind, over UDP', async () => {
    const stranger = new Stranger();
    await stranger.open();
    await stranger.flood(FLOOD, bob.localAddress.port);
    assert.deepEqual(bob.counts, { clients: 0, servers: 0, dialogs: 0, invites: 0, retransmissions: 0 });
    assert.equal(stranger.answers, FLOOD);
    assert.ok(stranger.bytesIn < 1.5 * stranger.bytesOut, `${stranger.bytesIn} for ${stranger.bytesOut}`);
    await stranger.close();
  });

  it('leave nothing behind, over TCP', async () => {
    const carol = await bench.endpoint(
      'carol',
      { transport: 'tcp' },
      { refuseCall: () => ({ status: 480 }) },
    );
    carol.on('invite', () => assert.fail('nobody takes it'));
    const socket = connect(carol.localAddress.port, '127.0.0.1');
    await once(socket, 'connect');
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    let sent = 0;
    for (let index = 0; index < FLOOD; index++) {
      const parts = { port: 9, target: uriOf(carol), callId: `tcp-${index}`, body: SDP };
      const invite = request('INVITE', parts).replace('SIP/2.0/UDP', 'SIP/2.0/TCP');
      sent += invite.length;
      if (!socket.write(invite)) await once(socket, 'drain');
    }
    const answers = (): number => text.split('SIP/2.0 480').length - 1;
    while (answers() < FLOOD) await once(socket, 'data');
    assert.deepEqual(carol.counts, { clients: 0, servers: 0, dialogs: 0, invites: 0, retransmissions: 0 });
    assert.ok(text.length < 1.5 * sent);
    socket.destroy();
    await once(socket, 'close');
  });
});

/** What RFC 3261 needs of a request, and no more; `more` are further lines. */
function least(
  method: string,
  port: number,
  parts: { via?: string; to?: string; more?: string[] } = {},
): string {
  const { via = '', to = '', more = [] } = parts;
  return [
    `${method} sip:a@b SIP/2.0`,
    `v:SIP/2.0/UDP a:${port};branch=z9hG4bK1${via}`,
    'f:<sip:a>;tag=1',
    `t:<sip:a>${to}`,
    'i:a',
    `CSeq:1 ${method}`,
    'm:<sip:a>',
    ...more,
    '',
    '',
  ].join('\r\n');
}

describe('refusals by UDP are not much larger than what they refuse', () => {
  const bench = new Bench();
  afterEach(() => bench.close(0));

  const many = (line: string): string[] => Array.from({ length: 40 }, () => line);
  const inLine = ',SIP/2.0/UDP a'.repeat(40);
  type Shape = [name: string, status: number, limit: number, write: (port: number) => string];
  const open: Shape[] = [
    ['an INVITE as short as can be', 404, 1.5, (port) => least('INVITE', port)],
    ['one that asks for rport', 404, 1.5, (port) => least('INVITE', port, { via: ';rport' })],
    ['many Vias', 404, 1.5, (port) => least('INVITE', port, { more: many('v:SIP/2.0/UDP a') })],
    ['many Vias in a line', 404, 1.5, (port) => least('INVITE', port, { via: inLine })],
    [
      'many Record-Routes',
      404,
      1.5,
      (port) => least('INVITE', port, { more: many('Record-Route:<sip:p;lr>') }),
    ],
    ['no Contact', 400, 1.5, (port) => least('INVITE', port).replace('m:<sip:a>\r\n', '')],
    ['no Call-ID', 400, 1.5, (port) => least('INVITE', port).replace('i:a\r\n', '')],
    ['an unknown extension', 420, 1.5, (port) => least('INVITE', port, { more: ['Require:x'] })],
    ['a BYE without a call', 481, 1.5, (port) => least('BYE', port, { to: ';tag=x' })],
    ['a CANCEL without a call', 481, 1.5, (port) => least('CANCEL', port)],
    ['a REFER without a call', 403, 1.5, (port) => least('REFER', port)],
    ['an unknown method', 501, 1.5, (port) => least('FOO', port)],
    // A 405 must say which methods are allowed (RFC 3261, 21.4.6).
    ['a REGISTER', 405, 1.7, (port) => least('REGISTER', port)],
  ];
  const measure = async (options: Parameters<Bench['endpoint']>[1], shapes: Shape[]): Promise<void> => {
    const bob = await bench.endpoint('bob', options, { refuseCall: () => ({ status: 404 }) });
    bob.on('invite', () => assert.fail('nobody takes it'));
    for (const [name, status, limit, write] of shapes) {
      const peer = await bench.raw(true);
      const text = write(peer.port);
      peer.send(text, bob.localAddress.port);
      const refusal = await peer.next(`SIP/2.0 ${status} `);
      await peer.settled(bob.localAddress.port);
      assert.equal(peer.count('SIP/2.0'), 2, `${name}: one answer, and that to OPTIONS`);
      const factor = refusal.text.length / text.length;
      assert.ok(factor <= limit, `${name}: ${factor.toFixed(2)}\n${refusal.text}`);
      assert.match(refusal.text, /\r\nt:<sip:a>;tag=[^\r]+\r\n|\r\nTo: <sip:a>;tag=/);
      assert.match(refusal.text, /\r\nCSeq: ?1 [A-Z]+\r\n/);
      assert.ok(refusal.text.endsWith('\r\n\r\n'));
    }
  };

  it('to whoever calls', () => measure({}, open));

  it('to whoever may not', () =>
    measure(
      { acceptFrom: ['192.0.2.1'] },
      open.slice(0, 5).map(([name, , limit, write]) => [name, 403, limit, write]),
    ));

  it('to whoever must prove who he is, as far as a challenge can be short', () =>
    measure({ callers: { user: 'trunk', password: 'secret' } }, [
      ['as short as can be', 401, 3.1, (port) => least('INVITE', port)],
      ['as phones write it', 401, 1.5, (port) => request('INVITE', { port, target: 'sip:a', body: SDP })],
    ]));

  it('and say what they always say where there is room', async () => {
    const bob = await bench.endpoint('bob', {}, { refuseCall: () => ({ status: 404 }) });
    bob.on('invite', () => assert.fail('nobody takes it'));
    const peer = await bench.raw();
    peer.send(request('INVITE', { port: peer.port, target: uriOf(bob), body: SDP }), bob.localAddress.port);
    const refusal = await peer.next('404 Not Found');
    assert.equal(refusal.header('Server'), 'SIPFLOW test');
    assert.equal(refusal.header('Content-Length'), '0');
  });
});

describe('a phone whose calls nobody takes', () => {
  const phones = new Phones({ mode: 'network' });
  afterEach(() => phones.close());

  it('says 480 without a receiver, 404 for another number, 486 when it is full, each once', async () => {
    const bob = await phones.phone('1002', { maxCalls: 1 });
    const port = bob.address?.port ?? 0;
    const statusOf = async (expected: string): Promise<void> => {
      const stranger = new Stranger();
      await stranger.open();
      await stranger.flood(20, port);
      assert.deepEqual([...stranger.statuses], [expected]);
      assert.equal(stranger.answers, 20);
      await stranger.close();
    };
    await statusOf('480');
    const away = receive(bob, () => undefined, { match: '1002' });
    await statusOf('404');
    away();
    receive(bob, () => undefined);
    const caller = await phones.phone('1001');
    const call = await caller.dial({ target: `sip:1002@127.0.0.1:${port}` });
    while (bob.callCount === 0) await new Promise((resolve) => setImmediate(resolve));
    await statusOf('486');
    await call.hangup();
  });
});
