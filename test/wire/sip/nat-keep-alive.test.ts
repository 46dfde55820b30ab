import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { InspectableEndpoint } from '../../../lib/sip/index';
import { answerBindingRequest } from '../../../lib/stun';
import { ManualClock } from '../../support/manual-clock';
import { ANSWER, answered, Bench, OFFER } from './support/endpoints';
import { response, type RawPeer } from './support/raw-peer';

describe('the way through a NAT to the peer of a call', () => {
  const bench = new Bench();
  let clock: ManualClock;
  let peer: RawPeer;
  let stun: Socket;
  beforeEach(async () => {
    clock = new ManualClock();
    peer = await bench.raw();
    stun = createSocket('udp4');
    // What the server says makes this machine one behind a NAT, and all that have its address outside.
    stun.on('message', (bytes, { address, port }) => {
      const answer = answerBindingRequest(bytes, { address: '203.0.113.5', port: 40_000 });
      if (answer) stun.send(answer, port, address);
    });
    stun.bind(0, '127.0.0.1');
    await once(stun, 'listening');
  });
  afterEach(async () => {
    const closed = bench.close(0);
    clock.advance(0);
    await closed;
    stun.close();
    await once(stun, 'close');
  });

  const pings = (): number => peer.received.filter(({ text }) => text === '\r\n\r\n').length;

  async function called(alice: InspectableEndpoint): Promise<Awaited<ReturnType<typeof answered>>['dialog']> {
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    const outcome = answered(alice.invite({ target, body: OFFER }));
    const invite = await peer.next('INVITE');
    peer.send(response(invite, '200 OK', { tag: 'b', contact: target, body: ANSWER.content }), invite.port);
    await peer.next('ACK');
    return (await outcome).dialog;
  }

  it('is kept open for as long as the call stands', async () => {
    const stunServer = `127.0.0.1:${stun.address().port}`;
    const alice = await bench.endpoint('alice', { stunServer }, { clock });
    const dialog = await called(alice);
    clock.advance(28_000);
    await peer.settled(alice.localAddress.port);
    assert.equal(pings(), 1);
    clock.advance(56_000);
    await peer.settled(alice.localAddress.port);
    assert.ok(pings() >= 3, `${pings()} in 84 s`);
    const over = dialog.bye();
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK'), bye.port);
    await over;
    const before = pings();
    clock.advance(84_000);
    await peer.settled(alice.localAddress.port);
    assert.equal(pings(), before, 'nobody is pinged without a call');
  });

  it('needs nothing where there is no NAT', async () => {
    const alice = await bench.endpoint('alice', {}, { clock });
    await called(alice);
    clock.advance(84_000);
    await peer.settled(alice.localAddress.port);
    assert.equal(pings(), 0);
  });
});
