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
