import assert from 'node:assert/strict';
import type { Call, IncomingCall, OutgoingCall, Phone, PhoneOptions } from '../../../lib/calls';
import { connect, nextCall, Phones } from '../../support/phones';
import { freeRange } from '../../support/ports';
import { hearEachOther } from './support/hear-each-other';
import { HOMES, Internet } from './support/internet';

const [ALICE, BOB] = HOMES;

/** Address and ports of the first session description that a side has written. */
function described(call: Call): { address: string; rtpPort: number; rtcpPort: number } {
  const own = call
    .trace()
    .find(({ direction, text }) => direction === 'out' && text.includes('\r\nm=audio '));
  const [, address = ''] = /\r\nc=IN IP4 (\S+)/.exec(own?.text ?? '') ?? [];
  const [, rtp = ''] = /\r\nm=audio (\d+)/.exec(own?.text ?? '') ?? [];
  const [, rtcp] = /\r\na=rtcp:(\d+)\r/.exec(own?.text ?? '') ?? [];
  return { address, rtpPort: Number(rtp), rtcpPort: rtcp === undefined ? Number(rtp) + 1 : Number(rtcp) };
}

describe('two phones, each behind a NAT that changes ports', () => {
  let phones: Phones;
  let internet: Internet;
  /** RTP ports of Alice and of Bob; RTCP is the next one each. */
  let aliceRtp: number;
  let bobRtp: number;
  beforeEach(async () => {
    aliceRtp = await freeRange(4);
    bobRtp = aliceRtp + 2;
    phones = new Phones({ mode: 'network' });
    internet = await Internet.open();
  });
  afterEach(async () => {
    await phones.close();
    await internet.close();
  });

  const phone = (
    dn: string,
    home: (typeof HOMES)[number],
    rtpPortMin: number,
    options: Partial<PhoneOptions> = {},
  ): Promise<Phone> =>
    phones.phone(dn, {
      ...options,
      bindAddress: home.inside,
      stunServer: internet.stunServer,
      rtpPortMin,
      rtpPortMax: rtpPortMin + 1,
    });

  /** Calls Bob at the one port that his NAT lets everybody use, that of SIP. */
  async function call(alice: Phone, bob: Phone): Promise<{ out: OutgoingCall; in: IncomingCall }> {
    const door = await internet.mapping(BOB.inside, bob.address?.port ?? 0);
    door.forwarded = true;
    return connect(alice, bob, `sip:1002@${door.name}`);
  }

  it('pitfall 9: hear each other, because each tells the ports that STUN has told of its RTP sockets', async () => {
    // Each answer of the STUN server comes three times, as it does when requests were repeated.
    internet.stunAnswers = () => 3;
    const [alice, bob] = [await phone('1001', ALICE, aliceRtp), await phone('1002', BOB, bobRtp)];
    const { out, in: answering } = await call(alice, bob);
    for (const [side, { inside, outside }, rtpPort] of [
      [out, ALICE, aliceRtp],
      [answering, BOB, bobRtp],
    ] as const) {
      const [rtp, rtcp] = [
        await internet.mapping(inside, rtpPort),
        await internet.mapping(inside, rtpPort + 1),
      ];
      assert.deepEqual(described(side), { address: outside, rtpPort: rtp.port, rtcpPort: rtcp.port });
      assert.notEqual(rtp.port, rtpPort, 'the NAT of this test keeps no port');
    }
    await hearEachOther(out, answering);
    for (const side of [out, answering]) {
      const { rtp } = await side.info();
      assert.equal(rtp?.received.discarded, 0, 'answers of the STUN server are no broken RTP');
    }
    assert.equal((await out.hold('hold')).kind, 'done');
    assert.equal((await out.hold('resume')).kind, 'done');
    await hearEachOther(out, answering);
    const before = described(out);
    const latest = out
      .trace()
      .findLast(({ direction, text }) => direction === 'out' && text.includes('m=audio '));
    assert.match(
      latest?.text ?? '',
      new RegExp(`m=audio ${before.rtpPort} `),
      'a re-INVITE names the same port',
    );
    await answering.hangup();
  });

  it('tell those ports over TCP as well, where SIP itself needs no STUN', async () => {
    const [alice, bob] = [
      await phone('1001', ALICE, aliceRtp, { transport: 'tcp' }),
      await phone('1002', BOB, bobRtp, { transport: 'tcp' }),
    ];
    const target = `sip:1002@${BOB.inside}:${bob.address?.port};transport=tcp`;
    const { out, in: answering } = await connect(alice, bob, target);
    assert.equal(described(out).address, ALICE.outside);
    assert.equal(described(out).rtpPort, (await internet.mapping(ALICE.inside, aliceRtp)).port);
    await hearEachOther(out, answering);
    await out.hangup();
  });

  it('reaches the other side with RTCP too', async () => {
    const [alice, bob] = [await phone('1001', ALICE, aliceRtp), await phone('1002', BOB, bobRtp)];
    const { out } = await call(alice, bob);
    const rtcp = await internet.mapping(BOB.inside, bobRtp + 1);
    const delivered = (): number => rtcp.delivered;
    // The first reports come within 3.1 s, and Bob’s NAT takes one only after his own has gone out.
    while (delivered() === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await out.hangup();
  }).timeout(30_000);

  it('goes on with local ports when the STUN server does not answer RTP sockets, warns once, and makes no other call wait', async () => {
    internet.stunAnswers = (port) => (port >= aliceRtp && port <= bobRtp + 1 ? 0 : 1);
    const alice = await phone('1001', ALICE, aliceRtp);
    const bob = await phones.phone('1002', { bindAddress: BOB.inside });
    const warnings: string[] = [];
    alice.on('warning', ({ message }) => warnings.push(message));
    const door = await internet.mapping(BOB.inside, bob.address?.port ?? 0);
    door.forwarded = true;
    const ring = async (): Promise<number> => {
      const incoming = nextCall(bob);
      const out = await alice.dial({ target: `sip:1002@${door.name}` });
      const { rtpPort, address } = described(out);
      assert.equal(address, ALICE.outside, 'what STUN has told of the SIP socket still holds');
      const over = new Promise((resolve) => out.on('ended', resolve));
      await (await incoming).reject({ status: 486 });
      assert.equal((await out.outcome).sip.status, 486);
      await over;
      return rtpPort;
    };
    assert.equal(await ring(), aliceRtp);
    const asked = internet.asked.filter((port) => port === aliceRtp).length;
    assert.ok(asked >= 2, 'a request that gets lost is repeated');
    assert.equal(await ring(), aliceRtp);
    assert.equal(
      internet.asked.filter((port) => port === aliceRtp).length,
      asked,
      'the second call did not ask',
    );
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0],
      /STUN server 127\.0\.0\.9:\d+ did not tell the public address of the RTP ports/,
    );
  }).timeout(20_000);

  it('asks nobody for a call that does not leave the network', async () => {
    const alice = await phone('1001', ALICE, aliceRtp);
    // On this one address the phone itself is near.
    const near = await phones.phone('1003', { bindAddress: '127.0.0.1' });
    const incoming = nextCall(near);
    const out = await alice.dial({ target: `sip:1003@127.0.0.1:${near.address?.port}` });
    await (await incoming).reject({ status: 486 });
    await out.outcome;
    assert.deepEqual(described(out), { address: ALICE.inside, rtpPort: aliceRtp, rtcpPort: aliceRtp + 1 });
    assert.ok(!internet.asked.includes(aliceRtp));
  });
});
