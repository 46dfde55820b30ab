import assert from 'node:assert/strict';
import type { Call, CallInfo, SipReport } from '../../../lib/calls';
import { connect, nextCall, Phones, receive } from '../../support/phones';

const ended = (call: Call): Promise<CallInfo> => new Promise((resolve) => call.on('ended', resolve));
const replaced = (call: Call): Promise<SipReport> => new Promise((resolve) => call.on('replaced', resolve));

/** Digits that reach `to` from `from`: the two hear each other. */
async function digitsPass(from: Call, to: Call, digits: string): Promise<void> {
  const gathered = to.gather({ flush: true, maxDigits: digits.length, firstDigitTimeout: 5 });
  await from.sendDigits({ digits });
  assert.equal((await gathered).digits, digits);
}

describe('a transfer between simulated phones', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  async function three() {
    return Promise.all(['1001', '1002', '1003'].map((dn) => phones.phone(dn)));
  }

  it('blind: the call goes on with the target under its id; waits, recordings and playback go on', async () => {
    const [alice, bob, carol] = await three();
    const { out: atAlice, in: atBob } = await connect(alice, bob);
    const ref = atBob.ref;
    const recording = await atBob.record({ file: 'across' });
    const playing = await atBob.play({ source: 'tone:440' });
    const digit = atBob.waitFor('dtmf', { timeout: 10 });
    const progress: number[] = [];
    atAlice.on('transferProgress', ({ status }) => progress.push(status ?? 0));
    const news = replaced(atBob);
    const toCarol = nextCall(carol);
    const transfer = atAlice.transfer({ kind: 'blind', target: '1003' });
    const atCarol = await toCarol;
    assert.match(atCarol.lastSip.headers?.['Referred-By']?.[0] ?? '', /^<sip:1001@127\.0\.0\.1/);
    await atCarol.answer();
    const outcome = await transfer;
    assert.deepEqual([outcome.kind, outcome.sip.status], ['transferred', 200]);
    assert.equal(progress[0], 100);
    assert.equal((await news).event, 'replaced');
    assert.equal((await atAlice.info()).endedBy, 'local');
    assert.equal(atBob.state, 'answered');
    assert.equal(atBob.ref, ref);
    await digitsPass(atBob, atCarol, '12');
    await atCarol.sendDigits({ digits: '7' });
    assert.equal(await digit, 'event');
    await digitsPass(atCarol, atBob, '34');
    playing.stop();
    recording.stop();
    const { durationMs } = await recording.finished;
    assert.ok(durationMs > 500, `${durationMs} ms recorded across the transfer`);
    const over = ended(atBob);
    await atCarol.hangup();
    assert.equal((await over).endedBy, 'remote');
    assert.equal(alice.callCount + bob.callCount + carol.callCount, 0);
  });

  it('blind: reports the status of a target that is busy, unknown, or never answers, and the call stands', async () => {
    const [alice, bob, carol] = await three();
    const { out: atAlice, in: atBob } = await connect(alice, bob);
    receive(carol, (call) => void call.reject({ status: 486 }));
    const busy = await atAlice.transfer({ kind: 'blind', target: '1003' });
    assert.ok(busy.kind === 'failed');
    assert.deepEqual([busy.sip.status, busy.failure.code], [486, 'CALL_REJECTED']);
    const unknown = await atAlice.transfer({ kind: 'blind', target: '1009' });
    assert.equal(unknown.sip.status, 404);
    await assert.rejects(atAlice.transfer({ kind: 'blind', target: 'sip:@@' }), { code: 'BAD_TARGET' });
    await digitsPass(atAlice, atBob, '12');
    await digitsPass(atBob, atAlice, '34');
  });

  it('blind: the peer that asked may hang up before the target answers', async () => {
    const [alice, bob, carol] = await three();
    const { out: atAlice, in: atBob } = await connect(alice, bob);
    const toCarol = nextCall(carol);
    const transfer = atAlice.transfer({ kind: 'blind', target: '1003' });
    const atCarol = await toCarol;
    await atAlice.hangup();
    assert.deepEqual(
      [(await transfer).kind, (await transfer).sip.event],
      ['failed', 'failed'],
      'its outcome cannot be known any more',
    );
    assert.equal(atBob.state, 'answered');
    const news = replaced(atBob);
    await atCarol.answer();
    await news;
    await digitsPass(atBob, atCarol, '56');
  });

  it('blind: the call ends when its peer has left and the target does not answer', async () => {
    const [alice, bob, carol] = await three();
    const { out: atAlice, in: atBob } = await connect(alice, bob);
    const toCarol = nextCall(carol);
    const transfer = atAlice.transfer({ kind: 'blind', target: '1003' });
    const atCarol = await toCarol;
    await atAlice.hangup();
    await transfer;
    const over = ended(atBob);
    await atCarol.reject({ status: 486 });
    assert.equal((await over).endedBy, 'remote');
  });

  it('attended: the target replaces its consultation, both ids survive, the transferor is out', async () => {
    const [alice, bob, carol] = await three();
    const { out: atAlice, in: atBob } = await connect(alice, bob);
    await atAlice.hold('hold');
    const { out: consult, in: atCarol } = await connect(alice, carol);
    const recording = await atCarol.record({ file: 'target' });
    const both = Promise.all([replaced(atBob), replaced(atCarol)]);
    const resumed = atBob.waitFor('resumed', { timeout: 5 });
    const outcome = await atAlice.transfer({ kind: 'attended', consultCall: consult });
    assert.equal(outcome.kind, 'transferred');
    await both;
    assert.equal(await resumed, 'event');
    await consult.waitFor('ended', { timeout: 5 });
    assert.equal(alice.callCount, 0);
    assert.deepEqual([atBob.state, atCarol.state], ['answered', 'answered']);
    await digitsPass(atBob, atCarol, '12');
    await digitsPass(atCarol, atBob, '34');
    recording.stop();
    assert.ok((await recording.finished).durationMs > 300);
    const texts = atCarol.trace().map(({ text }) => text);
    assert.equal(texts.filter((text) => /^INVITE /.test(text)).length, 2, 'both dialogs are in the trace');
    assert.ok(texts.some((text) => /^INVITE [^]*\r\nReplaces: /.test(text)));
  });

  it('asks the flow with the policy "ask", and refuses with "reject"', async () => {
    const alice = await phones.phone('1001');
    const bob = await phones.phone('1002', { transferPolicy: 'ask' });
    const dave = await phones.phone('1004', { transferPolicy: 'reject' });
    const carol = await phones.phone('1003');
    const { out: atAlice, in: atBob } = await connect(alice, bob);
    await assert.rejects(atBob.answerTransfer('accept'), { code: 'CALL_STATE' });
    const asked = atBob.waitFor('transfer-request', { timeout: 5 });
    const declined = atAlice.transfer({ kind: 'blind', target: '1003' });
    assert.equal(await asked, 'event');
    assert.match(atBob.lastSip.target ?? '', /^sip:1003@/);
    await assert.rejects(atAlice.transfer({ kind: 'blind', target: '1004' }), { code: 'CALL_STATE' });
    await atBob.answerTransfer('decline');
    assert.equal((await declined).sip.status, 603);
    assert.equal(atBob.state, 'answered');

    const again = atBob.waitFor('transfer-request', { timeout: 5 });
    const transfer = atAlice.transfer({ kind: 'blind', target: '1003' });
    await again;
    receive(carol, (call) => void call.answer());
    assert.equal((await atBob.answerTransfer('accept')).kind, 'transferred');
    assert.equal((await transfer).kind, 'transferred');

    const { out: toDave } = await connect(alice, dave);
    const refused = await toDave.transfer({ kind: 'blind', target: '1003' });
    assert.deepEqual([refused.kind, refused.sip.status], ['failed', 603]);
    assert.equal(toDave.state, 'answered');
  });

  it('collides: when both sides transfer each other at once, one or both are told 491', async () => {
    const [alice, bob, carol] = await three();
    receive(carol, (call) => void call.answer());
    const { out: atAlice, in: atBob } = await connect(alice, bob);
    const outcomes = await Promise.all([
      atAlice.transfer({ kind: 'blind', target: '1003' }),
      atBob.transfer({ kind: 'blind', target: '1003' }),
    ]);
    assert.deepEqual(
      outcomes.map(({ sip }) => sip.status),
      [491, 491],
    );
    assert.deepEqual([atAlice.state, atBob.state], ['answered', 'answered']);
  });

  it('needs answered calls, and another call for the consultation', async () => {
    const [alice, bob] = await three();
    const ringing = nextCall(bob);
    const out = await alice.dial({ target: '1002' });
    const atBob = await ringing;
    await assert.rejects(out.transfer({ kind: 'blind', target: '1003' }), { code: 'CALL_STATE' });
    await atBob.answer();
    await out.outcome;
    await assert.rejects(out.transfer({ kind: 'attended', consultCall: out }), { code: 'CALL_STATE' });
    await atBob.hangup();
    await out.waitFor('ended', { timeout: 5 });
    await assert.rejects(out.transfer({ kind: 'blind', target: '1003' }), { code: 'CALL_ENDED' });
  });
});
