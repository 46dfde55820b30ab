import assert from 'node:assert/strict';
import { SipflowError } from '../../../lib/common/errors';
import { LOCATE_LIMITS, Locator, type DnsResolver, type LocateAbilities } from '../../../lib/sip/locate';
import { DnsCache } from '../../../lib/sip/locate/dns-cache';
import { ManualClock } from '../../support/manual-clock';
import { Zone, type ZoneEntry } from './zone';

const ABILITIES: LocateAbilities = { transports: ['udp', 'tcp', 'tls'], families: [4, 6] };
const EXAMPLE = { secure: false, host: 'evil.example' };

function locatorOf(resolver: DnsResolver): Locator {
  return new Locator({ resolver, clock: new ManualClock() });
}

describe('locating: hostile name servers', () => {
  it('thousands of records in every answer cost a bounded number of queries and destinations', async () => {
    const many = 5_000;
    const zone: Record<string, ZoneEntry> = {
      'evil.example': {
        naptr: Array.from({ length: many }, (_, index) => ({
          order: index,
          replacement: `s${index}.example`,
        })),
      },
    };
    for (let index = 0; index < 50; index++) {
      zone[`s${index}.example`] = {
        srv: Array.from({ length: many }, (_, host) => ({
          priority: host % 7,
          name: `h${index}-${host}.example`,
        })),
      };
    }
    const resolver = new Zone(zone);
    let hosts = 0;
    resolver.resolve4 = async (name) => {
      resolver.queries.push(`A ${name}`);
      const host = hosts++;
      return Array.from({ length: many }, (_, index) => ({
        address: `10.${host}.${index >> 8}.${index & 255}`,
        ttl: 60,
      }));
    };
    const found = await locatorOf(resolver).locate(EXAMPLE, ABILITIES);
    assert.equal(found.length, LOCATE_LIMITS.destinations);
    assert.ok(resolver.queries.length <= 80, `${resolver.queries.length} queries`);
  });

  it('NAPTR and SRV records that point at each other and at themselves end', async () => {
    const resolver = new Zone({
      'evil.example': { naptr: [{ replacement: 'evil.example' }], srv: [{ name: 'evil.example' }] },
      '_sip._udp.evil.example': { srv: [{ name: '_sip._udp.evil.example' }, { name: 'evil.example' }] },
    });
    await assert.rejects(locatorOf(resolver).locate(EXAMPLE, ABILITIES), SipflowError);
    assert.ok(resolver.queries.length < 20);
  });

  it('malformed records of every kind are left out', async () => {
    const junk: unknown[] = [
      null,
      undefined,
      7,
      'text',
      {},
      { name: 5, port: 'x', priority: -1, weight: NaN },
      { name: 'ok.example', port: 0, priority: 0, weight: 0 },
      { name: 'ok.example', port: 70_000, priority: 0, weight: 0 },
      { name: 'bad name\r\n', port: 5060, priority: 0, weight: 0 },
      { flags: 1, service: {}, replacement: [], order: '1', preference: null },
      { address: 5, ttl: 'x' },
      { address: '999.1.1.1', ttl: 60 },
      { address: '127.0.0.1\r\nx', ttl: -1 },
    ];
    const good = [...junk, { address: '192.0.2.1', ttl: 60 }];
    const resolver = {
      resolveNaptr: async () => junk,
      resolveSrv: async () => junk,
      resolve4: async () => good,
      resolve6: async () => 'no list at all',
    } as unknown as DnsResolver;
    assert.deepEqual(
      (await locatorOf(resolver).locate(EXAMPLE, ABILITIES)).map(({ address }) => address),
      ['192.0.2.1'],
    );
  });

  it('a resolver that throws at once or rejects with nothing is a DNS error', async () => {
    const thrower = (): never => {
      throw new TypeError('bad name');
    };
    const resolver: DnsResolver = {
      resolveNaptr: thrower,
      resolveSrv: () => Promise.reject(new Error('no code')),
      resolve4: thrower,
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a broken resolver may do
      resolve6: () => Promise.reject(undefined),
    };
    await assert.rejects(
      locatorOf(resolver).locate(EXAMPLE, ABILITIES),
      (error: unknown) => error instanceof SipflowError && error.code === 'DNS',
    );
  });

  it('the cache is bounded', async () => {
    const cache = new DnsCache(new Zone({}), new ManualClock());
    for (let index = 0; index < 3_000; index++) await cache.srv(`n${index}.example`);
    assert.equal(cache.size, LOCATE_LIMITS.cacheEntries);
  });

  it('no more than 200 queries are on their way, and the rest says why', async () => {
    const clock = new ManualClock();
    let asked = 0;
    const never = (): Promise<never> => {
      asked += 1;
      return new Promise(() => {});
    };
    const locator = new Locator({
      clock,
      resolver: { resolveNaptr: never, resolveSrv: never, resolve4: never, resolve6: never },
    });
    const searches = Array.from({ length: 300 }, (_, index) =>
      locator.locate({ secure: false, host: `h${index}.example`, port: 5060 }, ABILITIES).then(
        () => 'found',
        (error: unknown) => (error as Error).message,
      ),
    );
    await Promise.race(searches);
    assert.equal(asked, LOCATE_LIMITS.queries);
    assert.match(await searches[299], /More than 200 DNS queries wait/);
    clock.advance(10_000);
    assert.match(await searches[0], /within 10 s/);
    assert.equal(clock.pending, 0);
  });
});
