import assert from 'node:assert/strict';
import { SipflowError, type ErrorCode } from '../../../lib/common/errors';
import {
  Locator,
  targetOfUri,
  type Destination,
  type LocateAbilities,
  type LocateTarget,
} from '../../../lib/sip/locate';
import type { TransportName } from '../../../lib/sip/types';
import { ManualClock } from '../../support/manual-clock';
import { Zone, type ZoneEntry } from './zone';

const ALL: TransportName[] = ['udp', 'tcp', 'tls', 'ws', 'wss'];
const WIDE: LocateAbilities = { transports: ['udp', 'tcp', 'tls'], families: [4, 6] };

function target(text: string): LocateTarget {
  const match = /^(sips?):(\[[^\]]+\]|[^:;]+)(?::(\d+))?(;.*)?$/.exec(text);
  assert.ok(match, text);
  return targetOfUri({
    scheme: match[1],
    host: match[2],
    port: match[3] === undefined ? undefined : Number(match[3]),
    parameters: match[4] ?? '',
  });
}

function setUp(zone: Record<string, ZoneEntry>, random = 0.5) {
  const resolver = new Zone(zone);
  const clock = new ManualClock();
  const locator = new Locator({ resolver, clock, random: () => random });
  const find = async (uri: string, abilities: LocateAbilities = WIDE): Promise<string[]> =>
    (await locator.locate(target(uri), abilities)).map(shown);
  return { resolver, clock, locator, find };
}

function shown({ transport, address, port }: Destination): string {
  return `${transport} ${address} ${port}`;
}

function fault(code: ErrorCode, message: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof SipflowError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

/** The zone of RFC 3263, 4.1, with addresses added. */
const RFC_ZONE: Record<string, ZoneEntry> = {
  'example.com': {
    naptr: [
      { order: 50, preference: 50, service: 'SIPS+D2T', replacement: '_sips._tcp.example.com' },
      { order: 90, preference: 50, service: 'SIP+D2T', replacement: '_sip._tcp.example.com' },
      { order: 100, preference: 50, service: 'SIP+D2U', replacement: '_sip._udp.example.com.' },
    ],
    a: ['192.0.2.99'],
  },
  '_sip._tcp.example.com': {
    srv: [
      { priority: 1, weight: 1, port: 5060, name: 'server1.example.com' },
      { priority: 2, weight: 1, port: 5060, name: 'server2.example.com' },
    ],
  },
  '_sips._tcp.example.com': { srv: [{ port: 5061, name: 'server1.example.com' }] },
  '_sip._udp.example.com': { srv: [{ port: 5062, name: 'server2.example.com.' }] },
  'server1.example.com': { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] },
  'server2.example.com': { a: ['192.0.2.2'] },
};

describe('locating: without DNS', () => {
  const { find, resolver } = setUp({});
  const cases: [uri: string, expected: string, transports?: TransportName[]][] = [
    ['sip:192.0.2.7', 'udp 192.0.2.7 5060'],
    ['sip:192.0.2.7:5080', 'udp 192.0.2.7 5080'],
    ['sip:[2001:DB8::7]:5080', 'udp 2001:db8::7 5080'],
    ['sip:[2001:db8::7];transport=TCP', 'tcp 2001:db8::7 5060'],
    ['sip:192.0.2.7;transport=tls', 'tls 192.0.2.7 5061'],
    ['sips:192.0.2.7', 'tls 192.0.2.7 5061'],
    ['sips:192.0.2.7;transport=tcp', 'tls 192.0.2.7 5061'],
    ['sips:192.0.2.7:5060', 'tls 192.0.2.7 5060'],
    ['sip:192.0.2.7;transport=ws', 'ws 192.0.2.7 80', ALL],
    ['sips:192.0.2.7;transport=ws', 'wss 192.0.2.7 443', ALL],
    ['sip:192.0.2.7', 'tcp 192.0.2.7 5060', ['tcp', 'udp']],
    ['sip:host.example;maddr=192.0.2.8', 'udp 192.0.2.8 5060'],
    ['sip:192.0.2.7;lr;MADDR=192.0.2.8;Transport=Tcp', 'tcp 192.0.2.8 5060'],
  ];
  for (const [uri, expected, transports] of cases) {
    it(`${uri} → ${expected}`, async () => {
      assert.deepEqual(await find(uri, { ...WIDE, transports: transports ?? WIDE.transports }), [expected]);
      assert.deepEqual(resolver.queries, []);
    });
  }

  it('says what the target cannot mean', async () => {
    const udp: LocateAbilities = { transports: ['udp'], families: [4] };
    const reject = (uri: string, message: RegExp, abilities = udp): Promise<void> =>
      assert.rejects(find(uri, abilities), fault('BAD_TARGET', message));
    await reject('sip:192.0.2.1;transport=tcp', /needs the transport TCP, this phone has UDP: change/);
    await reject('sip:192.0.2.1;transport=sctp', /needs the transport SCTP/, WIDE);
    await reject('sips:192.0.2.1', /needs the transport TLS/);
    await reject('sips:192.0.2.1;transport=udp', /sips: target cannot use the transport UDP/, WIDE);
    await reject('sip:[::1]', /by IPv6 only, and this phone uses IPv4: bind/);
    await reject('sip:1.2.3.999', /"1.2.3.999" is not a host name or an IP address/);
    await reject('sip:a..b', /is not a host name/);
    await reject(`sip:${'a'.repeat(64)}.b`, /is not a host name/);
    await assert.rejects(
      setUp({}).locator.locate({ secure: false, host: 'x', port: 70_000 }, udp),
      fault('BAD_TARGET', /70000 is not a port/),
    );
  });
});

describe('locating: NAPTR, SRV, addresses', () => {
  it('follows NAPTR in its order, each to its SRV records and their addresses', async () => {
    const { find } = setUp(RFC_ZONE);
    assert.deepEqual(await find('sip:example.com'), [
      'tls 192.0.2.1 5061',
      'tls 2001:db8::1 5061',
      'tcp 192.0.2.1 5060',
      'tcp 2001:db8::1 5060',
      'tcp 192.0.2.2 5060',
      'udp 192.0.2.2 5062',
    ]);
  });

  it('keeps to the transports, the families and the security that are wanted', async () => {
    const { find } = setUp(RFC_ZONE);
    assert.deepEqual(await find('sip:example.com', { transports: ['udp'], families: [4] }), [
      'udp 192.0.2.2 5062',
    ]);
    assert.deepEqual(await find('sip:example.com', { transports: ['tcp'], families: [6, 4] }), [
      'tcp 2001:db8::1 5060',
      'tcp 192.0.2.1 5060',
      'tcp 192.0.2.2 5060',
    ]);
    assert.deepEqual(await find('sips:example.com'), ['tls 192.0.2.1 5061', 'tls 2001:db8::1 5061']);
  });

  it('proves the name of the URI, not one that DNS gave', async () => {
    const { locator } = setUp(RFC_ZONE);
    for (const { serverName } of await locator.locate(target('sips:Example.COM.'), WIDE)) {
      assert.equal(serverName, 'example.com');
    }
  });

  it('an explicit transport goes to its SRV records without NAPTR', async () => {
    const { find, resolver } = setUp(RFC_ZONE);
    assert.deepEqual(await find('sip:example.com;transport=udp'), ['udp 192.0.2.2 5062']);
    assert.ok(!resolver.queries.some((query) => query.startsWith('NAPTR')));
  });

  it('an explicit port goes to the address, whatever NAPTR and SRV say', async () => {
    const { find, resolver } = setUp(RFC_ZONE);
    assert.deepEqual(await find('sip:example.com:5070'), ['udp 192.0.2.99 5070']);
    assert.deepEqual(resolver.queries, ['A example.com', 'AAAA example.com']);
  });

  it('without NAPTR it takes SRV in its own order of transports', async () => {
    const { find } = setUp({ ...RFC_ZONE, 'example.com': {} });
    assert.deepEqual(await find('sip:example.com', { transports: ['tcp', 'udp'], families: [4] }), [
      'tcp 192.0.2.1 5060',
      'tcp 192.0.2.2 5060',
      'udp 192.0.2.2 5062',
    ]);
  });

  it('without NAPTR and SRV it takes the address, the first transport and its port', async () => {
    const { find } = setUp({ 'pbx.example.com': { a: ['192.0.2.5'] } });
    assert.deepEqual(await find('sip:pbx.example.com'), ['udp 192.0.2.5 5060']);
    assert.deepEqual(await find('sips:pbx.example.com'), ['tls 192.0.2.5 5061']);
    assert.deepEqual(await find('sip:pbx.example.com;transport=wss', { ...WIDE, transports: ALL }), [
      'wss 192.0.2.5 443',
    ]);
  });

  it('names that only the local network knows are asked for addresses only', async () => {
    for (const name of ['asterisk', 'localhost', 'pbx.local']) {
      const { find, resolver } = setUp({ [name]: { a: ['127.0.0.1'] } });
      assert.deepEqual(await find(`sip:${name}`), ['udp 127.0.0.1 5060']);
      assert.deepEqual(resolver.queries, [`A ${name}`, `AAAA ${name}`]);
    }
  });

  it('name servers that fail on NAPTR or SRV do not keep it from the address', async () => {
    const { find } = setUp({
      'pbx.example.com': { naptr: 'ESERVFAIL', a: ['192.0.2.5'] },
      '_sip._udp.pbx.example.com': { srv: 'ETIMEOUT' },
    });
    assert.deepEqual(await find('sip:pbx.example.com'), ['udp 192.0.2.5 5060']);
  });

  it('goes on when the NAPTR leads nowhere, and when a SRV target has no address', async () => {
    const { find } = setUp({
      'example.com': { naptr: [{ replacement: 'gone.example.com' }], a: ['192.0.2.99'] },
      '_sip._udp.example.com': {
        srv: [
          { priority: 1, name: 'gone.example.com' },
          { priority: 2, name: 'here.example.com' },
        ],
      },
      'here.example.com': { a: ['192.0.2.3'] },
    });
    assert.deepEqual(await find('sip:example.com'), ['udp 192.0.2.3 5060']);
  });

  it('ignores NAPTR records that are not for it', async () => {
    const { find } = setUp({
      'example.com': {
        naptr: [
          { flags: 'u', replacement: '_sip._udp.example.com' },
          { service: 'SIP+D2S', replacement: '_sip._udp.example.com' },
          { service: 'E2U+sip', replacement: '_sip._udp.example.com' },
          { replacement: 'not a name' },
          { replacement: '' },
        ],
        a: ['192.0.2.99'],
      },
    });
    assert.deepEqual(await find('sip:example.com'), ['udp 192.0.2.99 5060']);
  });

  it('a SRV target that is an address is used as it is', async () => {
    const { find } = setUp({ '_sip._udp.example.com': { srv: [{ name: '192.0.2.4', port: 5066 }] } });
    assert.deepEqual(await find('sip:example.com;transport=udp'), ['udp 192.0.2.4 5066']);
  });

  it('a SRV target "." closes that transport (RFC 2782)', async () => {
    const zone: Record<string, ZoneEntry> = {
      'example.com': { a: ['192.0.2.99'] },
      '_sip._udp.example.com': { srv: [{ name: '.', port: 0 }] },
    };
    assert.deepEqual(
      await setUp(zone).find('sip:example.com', { transports: ['udp', 'tcp'], families: [4] }),
      ['tcp 192.0.2.99 5060'],
    );
    await assert.rejects(
      setUp(zone).find('sip:example.com', { transports: ['udp'], families: [4] }),
      fault('DNS', /offers no SIP by the transports/),
    );
  });

  it('takes addresses from the operating system when the resolver has lookup', async () => {
    const zone = new Zone({});
    const lookup = async (name: string): Promise<{ address: string; family: number }[]> => {
      zone.queries.push(`lookup ${name}`);
      return [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ];
    };
    const locator = new Locator({
      resolver: Object.assign(zone, { lookup }),
      clock: new ManualClock(),
    });
    const found = await locator.locate(target('sip:localhost'), WIDE);
    assert.deepEqual(found.map(shown), ['udp 127.0.0.1 5060', 'udp ::1 5060']);
    assert.deepEqual(zone.queries, ['lookup localhost']);
  });

  it('understands international names', async () => {
    const { find } = setUp({ 'xn--bcher-kva.example': { a: ['192.0.2.5'] } });
    assert.deepEqual(await find('sip:Bücher.example'), ['udp 192.0.2.5 5060']);
  });
});

describe('locating: errors', () => {
  it('says that a name does not exist, and where to look', async () => {
    await assert.rejects(
      setUp({}).find('sip:nowhere.example'),
      fault('DNS', /^Cannot find "nowhere.example": DNS knows no SIP service and no address.*spelling/),
    );
  });

  it('says that the name server failed, with its code', async () => {
    const { find } = setUp({ 'x.example': { a: 'ESERVFAIL', aaaa: 'ENODATA' } });
    await assert.rejects(find('sip:x.example'), fault('DNS', /\(ESERVFAIL\).*DNS settings/));
  });

  it('says that only the other address family is there', async () => {
    const { find } = setUp({ 'six.example': { aaaa: ['2001:db8::6'] } });
    await assert.rejects(
      find('sip:six.example', { transports: ['udp'], families: [4] }),
      fault('BAD_TARGET', /"six.example" is reachable by IPv6 only/),
    );
  });

  it('gives up after 10 s when the resolver never answers, and then asks again', async () => {
    const clock = new ManualClock();
    const never = (): Promise<never> => new Promise(() => {});
    let queries = 0;
    const locator = new Locator({
      clock,
      resolver: {
        resolveNaptr: never,
        resolveSrv: never,
        resolve6: never,
        resolve4: () => {
          queries += 1;
          return never();
        },
      },
    });
    for (const expected of [1, 2]) {
      const search = locator.locate(target('sip:dead.example:5060'), WIDE);
      const rejected = assert.rejects(search, fault('DNS', /within 10 s/));
      clock.advance(10_000);
      await rejected;
      assert.equal(queries, expected);
      clock.advance(2_000);
    }
    assert.equal(clock.pending, 0);
  });
});

describe('locating: cache', () => {
  it('asks once for a burst, and again when the time to live is over', async () => {
    const { find, resolver, clock } = setUp({ 'a.example': { a: ['192.0.2.1'], aaaa: [], ttl: 30 } });
    await Promise.all(Array.from({ length: 50 }, () => find('sip:a.example:5060')));
    assert.deepEqual(resolver.queries, ['A a.example', 'AAAA a.example']);
    clock.advance(29_999);
    await find('sip:a.example:5060');
    assert.equal(resolver.queries.filter((query) => query === 'A a.example').length, 1);
    clock.advance(2);
    await find('sip:a.example:5060');
    assert.equal(resolver.queries.filter((query) => query === 'A a.example').length, 2);
  });

  it('keeps between 10 s and 10 min, whatever the server says', async () => {
    for (const [ttl, kept, gone] of [
      [0, 9_999, 2],
      [1_000_000_000, 599_999, 2],
    ]) {
      const { find, resolver, clock } = setUp({ 'a.example': { a: ['192.0.2.1'], ttl } });
      const asked = (): number => resolver.queries.filter((query) => query === 'A a.example').length;
      await find('sip:a.example:5060');
      clock.advance(kept);
      await find('sip:a.example:5060');
      assert.equal(asked(), 1);
      clock.advance(gone);
      await find('sip:a.example:5060');
      assert.equal(asked(), 2);
    }
  });

  it('remembers for 10 s that a name does not exist, and for 2 s that a server failed', async () => {
    const { find, resolver, clock } = setUp({ 'bad.example': { a: 'ETIMEOUT', aaaa: 'ETIMEOUT' } });
    const asked = async (name: string): Promise<number> => {
      await assert.rejects(find(`sip:${name}:5060`));
      return resolver.queries.filter((query) => query === `A ${name}`).length;
    };
    assert.deepEqual([await asked('no.example'), await asked('bad.example')], [1, 1]);
    clock.advance(1_999);
    assert.deepEqual([await asked('no.example'), await asked('bad.example')], [1, 1]);
    clock.advance(1);
    assert.deepEqual([await asked('no.example'), await asked('bad.example')], [1, 2]);
    clock.advance(8_000);
    assert.equal(await asked('no.example'), 2);
  });

  it('forgets everything on request', async () => {
    const { find, resolver, locator } = setUp({ 'a.example': { a: ['192.0.2.1'] } });
    await find('sip:a.example:5060');
    locator.clearCache();
    await find('sip:a.example:5060');
    assert.equal(resolver.queries.length, 4);
  });
});
