import assert from 'node:assert/strict';
import { MediaHosts } from '../../../lib/calls/peer/media-hosts';
import type { DnsResolver } from '../../../lib/sip/locate';
import { FakeClock } from '../../support/fake-clock';

describe('the addresses of host names in SDP', () => {
  const resolverOf = (lookup: NonNullable<DnsResolver['lookup']>): DnsResolver => {
    const none = (): Promise<never> => Promise.reject(new Error('not asked'));
    return { resolveNaptr: none, resolveSrv: none, resolve4: none, resolve6: none, lookup };
  };

  it('are asked for once, and remembered', async () => {
    let asked = 0;
    const hosts = new MediaHosts(
      new FakeClock(),
      resolverOf((name) => {
        asked += 1;
        assert.equal(name, 'media.example');
        return Promise.resolve([
          { address: '2001:db8::7', family: 6 },
          { address: '192.0.2.7', family: 4 },
        ]);
      }),
    );
    assert.equal(await hosts.find({ name: 'Media.Example.', family: 4 }), '192.0.2.7');
    assert.equal(await hosts.find({ name: 'media.example', family: 6 }), '2001:db8::7');
    assert.equal(asked, 1);
  });

  it('are given up after two seconds, and when there are none', async () => {
    const clock = new FakeClock();
    const silent = new MediaHosts(
      clock,
      resolverOf(() => new Promise(() => undefined)),
    );
    const found = silent.find({ name: 'slow.example', family: 4 });
    clock.advance(2000);
    assert.equal(await found, undefined);
    const missing = new MediaHosts(
      clock,
      resolverOf(() => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))),
    );
    assert.equal(await missing.find({ name: 'no.example', family: 4 }), undefined);
    clock.advance(20_000);
  });
});
