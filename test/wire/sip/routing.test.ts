import assert from 'node:assert/strict';
import { systemClock } from '../../../lib/common/clock';
import { Locator, type DnsResolver } from '../../../lib/sip/locate';
import { ANSWER, answered, Bench, failed, OFFER } from './support/endpoints';
import { ManualClock } from '../../support/manual-clock';
import { response, SDP, type RawMessage, type RawPeer } from './support/raw-peer';

const absent = (): Promise<never> => Promise.reject(Object.assign(new Error('none'), { code: 'ENODATA' }));

/** A name server that knows one service with these ports, best first, and the address of its host. */
function resolver(ports: number[]): DnsResolver {
  return {
    resolveNaptr: absent,
    resolveSrv: (name) =>
      name === '_sip._udp.example.test'
        ? Promise.resolve(
            ports.map((port, index) => ({ name: 'pbx.example.test', port, priority: index, weight: 0 })),
          )
        : absent(),
    resolve4: (name) =>
      name === 'pbx.example.test' ? Promise.resolve([{ address: '127.0.0.1', ttl: 60 }]) : absent(),
    resolve6: absent,
  };
}

describe('targets with host names', () => {
  const bench = new Bench();
  afterEach(() => bench.close(0));
  const locator = (ports: number[]): Locator =>
    new Locator({ resolver: resolver(ports), clock: systemClock });

  it('are found by SRV, for the INVITE and for the requests that follow its Contact', async () => {
    const peer = await bench.raw();
    const alice = await bench.endpoint('alice', {}, { locator: locator([peer.port]) });
    const outcome = answered(alice.invite({ target: 'sip:bob@example.test', body: OFFER }));
    const invite = await peer.next('INVITE');
    assert.equal(invite.startLine, 'INVITE sip:bob@example.test SIP/2.0');
    peer.send(
      response(invite, '200 OK', { tag: 'x', contact: `sip:bob@pbx.example.test:${peer.port}`, body: SDP }),
      invite.port,
    );
    await peer.next('ACK');
    const { dialog } = await outcome;
    const done = dialog.bye();
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK'), bye.port);
    await done;
  });

  it('fail over to the next destination after a 503', async () => {
    const [first, second] = [await bench.raw(), await bench.raw()];
    const alice = await bench.endpoint('alice', {}, { locator: locator([first.port, second.port]) });
    const outcome = answered(alice.invite({ target: 'sip:bob@example.test', body: OFFER }));
    const refused = await first.next('INVITE');
    first.send(response(refused, '503 Service Unavailable', { tag: 'x' }), refused.port);
    const invite = await second.next('INVITE');
    assert.equal(invite.header('Call-ID'), refused.header('Call-ID'));
    assert.notEqual(invite.header('Via'), refused.header('Via'));
    const contact = `sip:bob@127.0.0.1:${second.port}`;
    second.send(response(invite, '200 OK', { tag: 'y', contact, body: ANSWER.content }), invite.port);
    await second.next('ACK');
    await outcome;
  });

  it('report 503 when DNS knows nothing, with a sentence that names the host', async () => {
    const alice = await bench.endpoint('alice', {}, { locator: locator([]) });
    const { response: info, origin } = await failed(
      alice.invite({ target: 'sip:bob@nowhere.test', body: OFFER }),
    );
    assert.deepEqual([info.status, origin], [503, 'transport']);
    assert.match(info.diagnosis ?? '', /nowhere\.test/);
  });

  it('can be given up while they are looked up', async () => {
    const never: DnsResolver = { ...resolver([]), resolve4: () => new Promise(() => undefined) };
    const alice = await bench.endpoint(
      'alice',
      {},
      {
        locator: new Locator({
          resolver: never,
          clock: { ...systemClock, setTimeout: () => setTimeout(() => undefined, 0) },
        }),
      },
    );
    const call = alice.invite({ target: 'sip:bob@pbx.example.test:5070', body: OFFER });
    const outcome = failed(call);
    call.cancel();
    assert.equal((await outcome).response.status, 487);
    assert.equal(alice.counts.invites, 0);
  });

  it('say what is wrong with a transport that the phone does not have', async () => {
    const alice = await bench.endpoint('alice');
    const { response: info } = await failed(alice.invite({ target: 'sips:bob@127.0.0.1', body: OFFER }));
    assert.equal(info.status, 503);
    assert.match(info.diagnosis ?? '', /TLS/);
  });

  describe('whose first server says nothing', () => {
    const clock = new ManualClock();
    /** A call that the first server does not answer, and the second one gets after the time for that. */
    async function failedOver(options = {}): Promise<{
      silent: RawPeer;
      second: RawPeer;
      first: RawMessage;
      invite: RawMessage;
      outcome: ReturnType<typeof answered>;
    }> {
      const [silent, second] = [await bench.raw(), await bench.raw()];
      const places = locator([silent.port, second.port]);
      const alice = await bench.endpoint('alice', options, { locator: places, clock });
      const outcome = answered(alice.invite({ target: 'sip:bob@example.test', body: OFFER }));
      const first = await silent.next('INVITE');
      clock.advance(3_900);
      await second.settled(alice.localAddress.port);
      assert.equal(second.count('INVITE'), 0);
      clock.advance(100);
      const invite = await second.next('INVITE');
      assert.notEqual(invite.header('Via'), first.header('Via'));
      assert.equal(invite.header('Call-ID'), first.header('Call-ID'));
      return { silent, second, first, invite, outcome };
    }
    const accept = (from: RawPeer, invite: RawMessage, tag: string): void => {
      const contact = `sip:bob@127.0.0.1:${from.port}`;
      from.send(response(invite, '200 OK', { tag, contact, body: ANSWER.content }), invite.port);
    };
    afterEach(async () => {
      const closed = bench.close(0);
      clock.advance(0);
      await closed;
      assert.equal(clock.pending, 0);
    });

    it('reach the second one after 4 seconds', async () => {
      const { second, invite, outcome } = await failedOver();
      accept(second, invite, 'y');
      await second.next('ACK');
      assert.equal((await outcome).dialog.remoteTag, 'y');
    });

    it('do not keep what the first one makes of it later: it is cancelled, or ended', async () => {
      const { silent, second, first, invite, outcome } = await failedOver();
      silent.send(response(first, '180 Ringing', { tag: 'x', contact: 'sip:late@127.0.0.1' }), first.port);
      const cancel = await silent.next('CANCEL');
      assert.equal(cancel.header('CSeq'), first.header('CSeq').replace('INVITE', 'CANCEL'));
      accept(second, invite, 'y');
      await outcome;
      accept(silent, first, 'x');
      await silent.next('ACK');
      const bye = await silent.next('BYE');
      silent.send(response(bye, '200 OK'), bye.port);
      assert.equal(second.count('BYE'), 0);
    });

    it('wait for it once it has said that it tries', async () => {
      const [slow, second] = [await bench.raw(), await bench.raw()];
      const alice = await bench.endpoint('alice', {}, { locator: locator([slow.port, second.port]), clock });
      const outcome = answered(alice.invite({ target: 'sip:bob@example.test', body: OFFER }));
      const invite = await slow.next('INVITE');
      slow.send(response(invite, '100 Trying'), invite.port);
      await slow.settled(alice.localAddress.port);
      clock.advance(20_000);
      await second.settled(alice.localAddress.port);
      assert.equal(second.count('INVITE'), 0);
      accept(slow, invite, 'x');
      assert.equal((await outcome).dialog.remoteTag, 'x');
    });

    it('wait for Timer B when they are told to', async () => {
      const [silent, second] = [await bench.raw(), await bench.raw()];
      const places = { locator: locator([silent.port, second.port]), clock };
      const alice = await bench.endpoint('alice', { failOverAfter: 0 }, places);
      const call = alice.invite({ target: 'sip:bob@example.test', body: OFFER });
      await silent.next('INVITE');
      clock.advance(31_900);
      await second.settled(alice.localAddress.port);
      assert.equal(second.count('INVITE'), 0);
      clock.advance(100);
      await second.next('INVITE');
      call.cancel();
    });

    it('end with the call when there is no other, or when it is cancelled meanwhile', async () => {
      const [silent, second] = [await bench.raw(), await bench.raw()];
      const alice = await bench.endpoint(
        'alice',
        {},
        { locator: locator([silent.port, second.port]), clock },
      );
      const call = alice.invite({ target: 'sip:bob@example.test', body: OFFER });
      await silent.next('INVITE');
      call.cancel();
      clock.advance(10_000);
      await second.settled(alice.localAddress.port);
      assert.equal(second.count('INVITE'), 0);
    });
  });
});
