import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Call, Phone } from '../../../lib/calls';
import { ladderOf, ladderText, type Ladder } from '../../../lib/evidence';
import { evidenceOf, rowLines } from '../../support/ladder';
import { connect, nextCall, Phones } from '../../support/phones';
import { RawPeer, request, response, SDP } from '../sip/support/raw-peer';

/** Resolves when a call has heard enough to be given a MOS. */
async function untilJudged(call: Call): Promise<void> {
  for (;;) {
    const { rtp, mos } = await call.info();
    if (rtp?.received.packets && mos !== null) return;
    await delay(20);
  }
}

const messagesOf = (ladder: Ladder): string[] => rowLines(ladder).filter((line) => line.includes(' > '));

/** Ladders of calls that were really made. */
describe('the ladder of a call', function () {
  this.timeout(20_000);
  let phones: Phones;
  let alice: Phone;
  let bob: Phone;

  beforeEach(async () => {
    phones = new Phones();
    alice = await phones.phone('1001');
    bob = await phones.phone('1002');
  });
  afterEach(() => phones.close());

  const basicRows = [
    '1001 > 1002: INVITE | 1002 · offer PCMU PCMA te101',
    '1002 > 1001: 180 Ringing | ',
    '1002 > 1001: 200 OK | answer PCMU te101',
    '1001 > 1002: ACK | ',
    '1001 > 1002: BYE | ',
    '1002 > 1001: 200 OK | BYE',
  ];

  it('shows what one phone saw, in order and with times', async () => {
    const { out } = await connect(alice, bob);
    await out.hangup();
    const ladder = ladderOf({ calls: [await evidenceOf(out)] });
    assert.deepEqual(messagesOf(ladder), basicRows);
    assert.deepEqual(
      ladder.lanes.map(({ number, phone, software }) => [number, phone, software]),
      [
        ['1001', true, 'SIPFLOW'],
        ['1002', false, 'SIPFLOW'],
      ],
    );
    assert.equal(ladder.rows[0].atMs, 0);
    const sum = ladder.rows.reduce((total, { deltaMs }) => total + deltaMs, 0);
    assert.ok(sum >= (ladder.rows.at(-1)?.atMs ?? NaN), 'the times between the rows make up the whole');
  });

  it('shows a message that two phones saw once, whichever is named first', async () => {
    const { out, in: incoming } = await connect(alice, bob);
    await out.hangup();
    await incoming.waitFor('ended');
    const evidence = [await evidenceOf(incoming, 'Bob'), await evidenceOf(out, 'Alice')];
    const named = basicRows.map((row) => row.replace('1001 >', 'Alice >').replace('> 1001', '> Alice'));
    const expected = named.map((row) => row.replace('1002 >', 'Bob >').replace('> 1002:', '> Bob:'));
    assert.deepEqual(messagesOf(ladderOf({ calls: evidence })), expected);
    assert.deepEqual(messagesOf(ladderOf({ calls: evidence.toReversed() })), expected);
  });

  it('draws the audio of both directions with what each receiver counted', async () => {
    const { out, in: incoming } = await connect(alice, bob);
    await Promise.all([untilJudged(out), untilJudged(incoming)]);
    await out.hangup();
    await incoming.waitFor('ended');
    const evidence = [await evidenceOf(out), await evidenceOf(incoming)];
    const ladder = ladderOf({ calls: evidence });
    const bars = ladder.rows.flatMap((row) => (row.kind === 'media' ? [row] : []));
    assert.equal(bars.length, 1);
    assert.equal(bars[0].codec, 'PCMU');
    const counted = evidence.map(({ info }) => [info?.rtp?.received.packets, info?.mos]);
    assert.ok(counted.every(([packets, mos]) => packets && mos));
    // Each direction has the figures of the phone that it leads to: first that to 1001, which called.
    const flows = bars[0].flows.toSorted((one, other) => one.to - other.to);
    assert.deepEqual(
      flows.map(({ packets, mos }) => [packets, mos]),
      counted,
    );
    assert.match(bars[0].text, /^PCMU · → \d+ packets, loss [\d.]+%, MOS \d\.\d · ← \d+ packets, loss/);
    const kinds = ladder.rows.map((row) => (row.kind === 'message' ? row.label : row.kind));
    assert.ok(
      kinds.indexOf('media') > kinds.indexOf('200 OK') && kinds.indexOf('media') < kinds.indexOf('BYE'),
    );
  });

  it('marks a refusal', async () => {
    const incoming = nextCall(bob);
    const out = await alice.dial('1002');
    await (await incoming).reject({ status: 486 });
    await out.outcome;
    const ladder = ladderOf({ calls: [await evidenceOf(out)] });
    assert.deepEqual(messagesOf(ladder).slice(-2), ['1002 > 1001: 486 Busy Here | ', '1001 > 1002: ACK | ']);
    const tones = ladder.rows.map((row) => (row.kind === 'message' ? row.tone : row.kind));
    assert.equal(tones.at(-2), 'failure');
    assert.ok(!tones.includes('media'));
    assert.match(ladderText(ladder), /◀─+ ✗ 486 Busy Here ─+│/);
  });

  it('shows hold and resume in the descriptions', async () => {
    const { out } = await connect(alice, bob);
    await out.hold('hold');
    await out.hold('resume');
    const rows = messagesOf(ladderOf({ calls: [await evidenceOf(out)] }));
    assert.deepEqual(rows.slice(4), [
      '1001 > 1002: re-INVITE | offer PCMU PCMA te101 hold (sendonly)',
      '1002 > 1001: 200 OK | answer PCMU te101 recvonly',
      '1001 > 1002: ACK | ',
      '1001 > 1002: re-INVITE | offer PCMU PCMA te101',
      '1002 > 1001: 200 OK | answer PCMU te101',
      '1001 > 1002: ACK | ',
    ]);
  });

  it('shows a transfer with all its legs in one picture', async () => {
    const carol = await phones.phone('1003');
    const { out, in: incoming } = await connect(alice, bob);
    const third = nextCall(carol);
    const transfer = out.transfer({ kind: 'blind', target: '1003' });
    const answered = await third;
    await answered.answer();
    await transfer;
    await incoming.hangup();
    await answered.waitFor('ended');
    const calls = [await evidenceOf(out), await evidenceOf(incoming), await evidenceOf(answered)];
    const ladder = ladderOf({ calls });
    assert.deepEqual(
      ladder.lanes.map(({ number }) => number),
      ['1001', '1002', '1003'],
    );
    const rows = messagesOf(ladder);
    const order = [
      '1001 > 1002: REFER | → 1003',
      '1002 > 1001: 202 Accepted | REFER',
      '1002 > 1003: INVITE | 1003 · offer PCMU PCMA te101',
      '1003 > 1002: 200 OK | answer PCMU te101',
    ].map((row) => rows.indexOf(row));
    assert.ok(!order.includes(-1), rows.join('\n'));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    assert.ok(rows.some((row) => /^1002 > 1001: NOTIFY \| refer.* · 200 OK$/.test(row)));
    assert.equal(
      rows.length,
      new Set(ladder.rows.flatMap((row) => (row.kind === 'message' ? [row.text] : []))).size,
    );
    const legs = ladder.rows.flatMap((row) => (row.kind === 'message' ? [row.leg] : []));
    assert.deepEqual([...new Set(legs)], [0, 1]);
    const bars = rowLines(ladder).filter((line) => line.includes(' = '));
    assert.deepEqual(bars.map((line) => line.slice(0, '1001 = 1002'.length)).toSorted(), [
      '1001 = 1002',
      '1003 = 1002',
    ]);
  });

  it('folds the copies of an INVITE', async () => {
    const peer = await RawPeer.open(true);
    try {
      const incoming = nextCall(bob);
      const port = bob.address?.port ?? 0;
      const text = request('INVITE', {
        port: peer.port,
        target: `sip:1002@127.0.0.1:${port}`,
        branch: 'z9hG4bKcopies',
        callId: 'copies',
        body: SDP,
      });
      peer.send(text, port);
      const call = await incoming;
      await peer.next('SIP/2.0 180');
      for (let copy = 0; copy < 2; copy++) {
        peer.send(text, port);
        await peer.next('SIP/2.0 180');
      }
      const ladder = ladderOf({ calls: [await evidenceOf(call)] });
      const [invite] = ladder.rows;
      assert.ok(invite.kind === 'message');
      assert.deepEqual([invite.label, invite.copies, invite.copiesAtMs.length], ['INVITE', 3, 2]);
      assert.match(ladderText(ladder), /INVITE ×3/);
      assert.equal(ladder.rows.filter((row) => row.kind === 'message' && row.label === 'INVITE').length, 1);
    } finally {
      await peer.close();
    }
  });

  it('shows a challenge and the answer to it, without its secret', async () => {
    const peer = await RawPeer.open();
    try {
      const dave = await phones.phone('1004', {
        mode: 'network',
        authUser: 'dave',
        password: 'secret',
      });
      const dialled = dave.dial(`sip:1005@127.0.0.1:${peer.port}`);
      const first = await peer.next('INVITE');
      const headers = ['WWW-Authenticate: Digest realm="lab", nonce="n1", qop="auth"'];
      peer.send(response(first, '401 Unauthorized', { tag: 'x', headers }), first.port);
      const second = await peer.next('INVITE');
      peer.send(response(second, '486 Busy Here', { tag: 'x' }), second.port);
      const call = await dialled;
      await call.outcome;
      const ladder = ladderOf({ calls: [await evidenceOf(call)] });
      const rows = messagesOf(ladder).map((line) => line.replace(/^\S+ > \S+ /, ''));
      assert.deepEqual(
        rows.map((row) => row.replace(/ · offer .*/, '')),
        [
          'INVITE | 1005',
          '401 Unauthorized | Digest',
          'ACK | ',
          'INVITE | 1005 · with credentials',
          '486 Busy Here | ',
          'ACK | ',
        ],
      );
      const tones = ladder.rows.map((row) => (row.kind === 'message' ? row.tone : ''));
      assert.equal(tones[1], 'challenge');
      assert.match(JSON.stringify(ladder), /response=\*\*\*/);
    } finally {
      await peer.close();
    }
  });
});
