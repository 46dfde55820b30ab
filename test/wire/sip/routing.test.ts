import assert from 'node:assert/strict';
import { systemClock } from '../../../lib/common/clock';
import { Locator, type DnsResolver } from '../../../lib/sip/locate';
import { ANSWER, answered, Bench, failed, OFFER } from './support/endpoints';
import { response, SDP } from './support/raw-peer';

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
});
