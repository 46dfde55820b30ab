import assert from 'node:assert/strict';
import { systemClock } from '../../../lib/common/clock';
import { Locator, systemResolver } from '../../../lib/sip/locate';
import { a, naptr, srv, startDnsServer, type DnsServer } from './dns-server';

const ABILITIES = { transports: ['udp', 'tcp', 'tls'], families: [4] } as const;

describe('locating with real DNS packets', () => {
  let server: DnsServer;

  async function locate(zone: Record<string, Buffer[]>, host: string): Promise<string[]> {
    server = await startDnsServer(zone);
    const resolver = systemResolver({ servers: [server.address], timeoutMs: 1_000, tries: 1 });
    const locator = new Locator({ resolver, clock: systemClock });
    const found = await locator.locate({ secure: false, host }, ABILITIES);
    return found.map(({ transport, address, port }) => `${transport} ${address} ${port}`);
  }

  afterEach(() => server.close());

  it('NAPTR, SRV and A', async () => {
    const found = await locate(
      {
        'NAPTR sip.test.example': [
          naptr(20, 1, 'SIP+D2U', '_sip._udp.sip.test.example'),
          naptr(10, 1, 'SIP+D2T', '_sip._tcp.sip.test.example'),
        ],
        'SRV _sip._tcp.sip.test.example': [
          srv(2, 0, 5071, 'b.test.example'),
          srv(1, 0, 5070, 'a.test.example'),
        ],
        'SRV _sip._udp.sip.test.example': [srv(1, 0, 5072, 'b.test.example')],
        'A a.test.example': [a('192.0.2.1')],
        'A b.test.example': [a('192.0.2.2')],
      },
      'sip.test.example',
    );
    assert.deepEqual(found, ['tcp 192.0.2.1 5070', 'tcp 192.0.2.2 5071', 'udp 192.0.2.2 5072']);
  });

  it('only an address', async () => {
    const found = await locate({ 'A pbx.test.example': [a('192.0.2.9')] }, 'pbx.test.example');
    assert.deepEqual(found, ['udp 192.0.2.9 5060']);
    assert.ok(server.queries.includes('NAPTR pbx.test.example'));
    assert.ok(server.queries.includes('SRV _sips._tcp.pbx.test.example'));
  });

  it('nothing at all is an error that names the name', async () => {
    await assert.rejects(
      locate({}, 'none.test.example'),
      /Cannot find "none.test.example": DNS knows no SIP/,
    );
  });
});

describe('locating with the operating system', () => {
  it('finds localhost', async () => {
    const locator = new Locator({ resolver: systemResolver(), clock: systemClock });
    const [{ address, port }] = await locator.locate({ secure: false, host: 'localhost' }, ABILITIES);
    assert.equal(`${address}:${port}`, '127.0.0.1:5060');
  });
});
