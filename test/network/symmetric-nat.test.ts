import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digitsIn, talk } from './support/call';
import { Link } from './support/link';
import { RemotePhone } from './support/remote-phone';
import { missingForNetworks, requireOrSkip } from './support/requirements';
import { tell } from './support/results';

const PUBLIC = '203.0.113.1';
const SECONDS = 4;
const KEYS = '0123456789*#';
const PASSWORDS = { inside: 'one', outside: 'two' };

/*
 * The phone "inside" has a private address behind a NAT that gives each destination another port, and lets nobody in
 * but that destination. The phone "outside" and the PBX that both are registered at have public addresses.
 */
describe('pitfall 9: through a symmetric NAT', () => {
  let link: Link;
  let pbx: RemotePhone;
  let inside: RemotePhone;
  let outside: RemotePhone;
  let folder: string;

  before(async function () {
    this.timeout(200_000);
    requireOrSkip(this, missingForNetworks());
    folder = mkdtempSync(join(tmpdir(), 'sipflow-network-'));
    link = await Link.open({ delayMs: 20 }, PUBLIC);
    const [home, world] = link.ends;
    inside = new RemotePhone(home.namespace);
    [outside, pbx] = [new RemotePhone(world.namespace), new RemotePhone(world.namespace)];
    const registrar = `${world.address}:${await pbx.tell('startPbx', world.address, PASSWORDS)}`;
    const start = (phone: RemotePhone, dn: keyof typeof PASSWORDS, bindAddress: string): Promise<number> =>
      phone.tell('start', { dn, bindAddress, registrar, password: PASSWORDS[dn], outboundProxy: registrar });
    await start(inside, 'inside', home.address);
    await start(outside, 'outside', world.address);
  });

  after(async () => {
    await Promise.all([inside, outside, pbx].map((phone) => phone?.close()));
    if (folder) rmSync(folder, { recursive: true, force: true });
    await link?.close();
  });

  const row = (figure: string, done: string, told: string): void =>
    tell({ network: 'symmetric NAT', figure, set: '', link: done, report: told, judge: '' });

  it('both register', async () => {
    await Promise.all([inside.tell('registered'), outside.tell('registered')]);
    await outside.tell('knock', PUBLIC);
    row('REGISTER', '', 'registered');
  });

  for (const [title, from, to] of [
    ['a call out', (): RemotePhone => inside, 'outside'],
    ['a call in', (): RemotePhone => outside, 'inside'],
  ] as const) {
    it(`${title}: both hear each other, digits arrive, and a BYE from the called side ends it`, async function () {
      this.timeout(200_000);
      const caller = from();
      const called = caller === inside ? outside : inside;
      const { status } = await caller.tell('dial', `sip:${to}@pbx.invalid`);
      assert.equal(status, 200);
      await called.tell('called');
      const heard = await talk(caller, called, folder, SECONDS);
      for (const [n, side] of (['caller', 'called side'] as const).entries()) {
        const { found = 0, pieces = 0, correlation = 0 } = heard[n] ?? {};
        row(
          `${title}: audio at the ${side}`,
          '',
          `${found} of ${pieces} pieces, correlation ${correlation.toFixed(3)}`,
        );
        // A loaded machine may break a piece now and then.
        assert.ok(found > 0.6 * pieces && correlation > 0.95, `the ${side} heard ${found}, ${correlation}`);
      }
      await Promise.all([caller.tell('press', KEYS), called.tell('press', KEYS)]);
      await Promise.all([digitsIn(caller, KEYS.length), digitsIn(called, KEYS.length)]);
      const gone = caller.tell('ended');
      await called.tell('hangUp');
      const info = await gone;
      assert.equal(info.endedBy, 'remote');
      for (const phone of [called, caller]) {
        const digits = await phone.tell('digits');
        assert.equal(digits.map(({ digit }) => digit).join(''), KEYS);
      }
      row(`${title}: digits`, '', KEYS);
    });
  }

  it('the NAT was one: a port for each destination, and strangers were refused', async () => {
    const report = await link.close();
    assert.ok(report?.nat, 'the link has not told what it did');
    const { mappings, refused } = report.nat;
    row('ports given, datagrams refused', `${mappings}, ${refused}`, '');
    // SIP to the PBX, and RTP and RTCP of each of the two calls.
    assert.equal(mappings, 5);
    // The knock, and what the outside phone sent to the address of the SDP before it had heard the inside one.
    assert.ok(refused > 0);
  });
});
