import assert from 'node:assert/strict';
import type {
  Call,
  DialThrough,
  DialThroughOptions,
  DialThroughOutcome,
  IncomingCall,
  OutgoingCall,
  Phone,
} from '../../../lib/calls';
import { connect, nextCall, Phones } from '../../support/phones';
import { hearEachOther } from './support/hear-each-other';

type Joined = Extract<DialThroughOutcome, { kind: 'joined' }>;
type Failed = Extract<DialThroughOutcome, { kind: 'failed' }>;

describe('a dial-through between simulated phones', () => {
  let phones: Phones;
  let alice: Phone;
  let desk: Phone;
  let bob: Phone;
  beforeEach(async () => {
    phones = new Phones();
    [alice, desk, bob] = await Promise.all(['1001', '1000', '1002'].map((dn) => phones.phone(dn)));
  });
  afterEach(() => phones.close());

  /** A call of Alice to the desk, which has not said anything yet. */
  async function called(options = {}): Promise<{ out: OutgoingCall; first: IncomingCall }> {
    const coming = nextCall(desk, { ring: false, ...options });
    const out = await alice.dial({ target: '1000' });
    return { out, first: await coming };
  }
  const dial = (first: Call, options: Partial<DialThroughOptions> = {}): Promise<DialThrough> =>
    desk.dialThrough(first, { targets: ['1002'], ...options });
  const joined = async (dialled: DialThrough): Promise<Joined> => {
    const outcome = await dialled.outcome;
    assert.equal(outcome.kind, 'joined', JSON.stringify(outcome));
    return outcome;
  };
  const failed = async (dialled: DialThrough): Promise<Failed> => {
    const outcome = await dialled.outcome;
    assert.equal(outcome.kind, 'failed');
    return outcome;
  };
  const progress = (call: OutgoingCall, event: string): Promise<unknown> =>
    new Promise((resolve) => call.on('progress', (sip) => sip.event === event && resolve(sip)));

  it('carries ringing and the answer, joins both, and carries the hang-up of the second call', async () => {
    const { out, first } = await called();
    const [second, ringing] = [nextCall(bob), progress(out, 'ringing')];
    assert.equal(out.state, 'new');
    const dialled = await dial(first);
    const answering = await second;
    await ringing;
    assert.equal(first.state, 'ringing');
    await answering.answer();
    const { call, attempts, finished } = await joined(dialled);
    assert.equal(out.state, 'answered');
    assert.deepEqual(
      attempts.map(({ target, result, status }) => [target, result, status]),
      [['1002', 'answered', 200]],
    );
    assert.equal(attempts[0].call?.id, call.id);
    await hearEachOther(out, answering);
    const over = out.waitFor('ended', { timeout: 5 });
    await answering.hangup();
    const { reason, endedBy } = await finished;
    assert.deepEqual([reason, endedBy], ['hangup', 'peer']);
    assert.equal(await over, 'event');
  });

  it('carries the hang-up of the first call', async () => {
    const { out, first } = await called();
    const second = nextCall(bob);
    const dialled = await dial(first);
    await (await second).answer();
    const { finished } = await joined(dialled);
    const over = (await second).waitFor('ended', { timeout: 5 });
    await out.hangup();
    assert.equal((await finished).endedBy, 'call');
    assert.equal(await over, 'event');
  });

  it('lets the caller hear early media, and goes on with it after the answer', async () => {
    const { out, first } = await called();
    const second = nextCall(bob);
    const early = progress(out, 'early-media');
    const dialled = await dial(first);
    const speaking = await second;
    await speaking.startEarlyMedia();
    await early;
    const heard = out.gather({ pattern: '5+', methods: ['inband'], firstDigitTimeout: 10 });
    await speaking.sendDigits({ digits: '5', method: 'inband', toneMs: 400 });
    assert.match((await heard).digits, /^5+$/);
    assert.deepEqual([first.state, out.state], ['early-media', 'early-media']);
    await speaking.answer();
    await joined(dialled);
    await hearEachOther(out, speaking);
    await out.hangup();
  });

  it('carries early media that both sides send reliably, with a PRACK on each (RFC 3262)', async () => {
    await Promise.all([desk.close(), bob.close()]);
    desk = await phones.phone('1000', { reliableProvisional: true });
    bob = await phones.phone('1002', { reliableProvisional: true });
    const { out, first } = await called();
    const second = nextCall(bob);
    const early = progress(out, 'early-media');
    const dialled = await dial(first);
    const speaking = await second;
    await speaking.startEarlyMedia();
    await early;
    await speaking.answer();
    const { call } = await joined(dialled);
    for (const each of [out, call]) {
      const methods = each.trace().map(({ text }) => text.split(' ', 1)[0]);
      assert.ok(methods.includes('PRACK'), methods.join(' '));
    }
    await hearEachOther(out, speaking);
    await out.hangup();
  });

  it('carries the failure, and tells of the target', async () => {
    const { out, first } = await called();
    bob.onCall((call) => call.reject({ status: 486, reason: 'On The Phone' }));
    const { sip, failure, attempts } = await failed(await dial(first));
    assert.deepEqual([sip.status, failure.code], [486, 'CALL_REJECTED']);
    assert.deepEqual(
      attempts.map(({ result, status, reason }) => [result, status, reason]),
      [['failed', 486, 'On The Phone']],
    );
    const outcome = await out.outcome;
    assert.deepEqual([outcome.sip.status, outcome.sip.reason], [486, 'On The Phone']);
  });

  it('keeps the first call where that is wanted, with its time for the answer', async () => {
    const { out, first } = await called({ ring: true, noAnswerTimeout: 0.3 });
    bob.onCall(() => undefined);
    const dialled = await dial(first, { onFailure: 'keep', ringTimeout: 0.6 });
    const { sip, failure } = await failed(dialled);
    assert.deepEqual([sip.status, failure.code], [408, 'TIMEOUT']);
    assert.equal(first.state, 'ringing', 'the clock of the answer rested');
    await first.answer();
    await out.outcome;
    assert.equal(out.state, 'answered');
    await out.hangup();

    const again = await called({ ring: true, noAnswerTimeout: 0.3 });
    await failed(await dial(again.first, { onFailure: 'keep', ringTimeout: 0.1 }));
    const { sip: refused } = await again.out.outcome;
    assert.equal(refused.status, 480, 'the clock runs again');
  });

  it('goes on to voicemail after early media and a failure', async () => {
    const { out, first } = await called();
    const second = nextCall(bob);
    const dialled = await dial(first, { onFailure: 'keep' });
    const speaking = await second;
    const early = progress(out, 'early-media');
    await speaking.startEarlyMedia();
    await early;
    await speaking.reject({ status: 480 });
    await failed(dialled);
    assert.equal(first.state, 'early-media');
    await first.answer();
    await out.outcome;
    await hearEachOther(out, first);
    await out.hangup();
  });

  it('calls in turn, each for its time, and takes the first who answers', async () => {
    const carol = await phones.phone('1003');
    const order: string[] = [];
    bob.onCall(() => order.push('bob'));
    carol.onCall((call) => {
      order.push('carol');
      return call.answer();
    });
    const { out, first } = await called();
    const dialled = await dial(first, {
      targets: ['1002', '4711', '1003', '1002'],
      order: 'sequential',
      ringTimeout: 0.3,
    });
    const { attempts } = await joined(dialled);
    assert.deepEqual(order, ['bob', 'carol']);
    assert.deepEqual(
      attempts.map(({ target, result, status }) => [target, result, status]),
      [
        ['1002', 'failed', 408],
        ['4711', 'failed', 404],
        ['1003', 'answered', 200],
      ],
    );
    await out.hangup();
  });

  it('calls all at once, takes the first who answers and cancels the others; a target twice is called once', async () => {
    const carol = await phones.phone('1003');
    const calls = [nextCall(bob), nextCall(carol)];
    let count = 0;
    bob.on('callEvent', ({ event }) => (count += event === 'incoming' ? 1 : 0));
    const { out, first } = await called();
    const dialled = await dial(first, { targets: ['1002', '1003', '1002'] });
    const [atBob, atCarol] = await Promise.all(calls);
    const over = atBob.waitFor('ended', { timeout: 5 });
    await atCarol.answer();
    const { call, attempts } = await joined(dialled);
    assert.match(call.ref.to, /1003/);
    assert.deepEqual(
      attempts.map(({ target, result }) => [target, result]),
      [
        ['1002', 'cancelled'],
        ['1003', 'answered'],
      ],
    );
    assert.equal(await over, 'event');
    assert.equal((await atBob.info()).status, 487);
    assert.equal(count, 1);
    await out.hangup();
  });

  it('lets the caller hear another target when the one that is heard fails', async () => {
    const carol = await phones.phone('1003');
    const calls = [nextCall(bob), nextCall(carol)];
    const { out, first } = await called();
    const dialled = await dial(first, { targets: ['1002', '1003'] });
    const [atBob, atCarol] = await Promise.all(calls);
    const early = progress(out, 'early-media');
    await atBob.startEarlyMedia();
    await early;
    await atCarol.startEarlyMedia();
    await atBob.reject({ status: 486 });
    const heard = out.gather({ pattern: '7+', methods: ['inband'], firstDigitTimeout: 10 });
    await atCarol.sendDigits({ digits: '7', method: 'inband', toneMs: 400 });
    assert.match((await heard).digits, /^7+$/);
    await atCarol.answer();
    await joined(dialled);
    const after = out.gather({ pattern: '7*3', methods: ['inband'], firstDigitTimeout: 10 });
    await atCarol.sendDigits({ digits: '3', method: 'inband', toneMs: 400 });
    assert.match((await after).digits, /3$/);
    await out.hangup();
  });

  it('copies audio where one codec suits both, transcodes where none does, and passes digits', async () => {
    await Promise.all([alice.close(), bob.close()]);
    for (const [mine, theirs, codecs] of [
      [['PCMU', 'PCMA'], ['PCMA'], ['PCMA', 'PCMA']],
      [['PCMU'], ['PCMA'], ['PCMU', 'PCMA']],
    ]) {
      const caller = await phones.phone(`20${codecs[0]}`, { codecs: mine });
      const callee = await phones.phone(`30${codecs[0]}`, { codecs: theirs });
      const [coming, second] = [nextCall(desk, { ring: false }), nextCall(callee)];
      const out = await caller.dial({ target: '1000' });
      const dialled = await dial(await coming, { targets: [callee.options.number] });
      await (await second).answer();
      const { call } = await joined(dialled);
      assert.deepEqual([(await out.info()).codec, (await call.info()).codec], codecs);
      const digits = (await second).gather({ maxDigits: 2, methods: ['rfc4733'], firstDigitTimeout: 10 });
      await out.sendDigits({ digits: '12', method: 'rfc4733' });
      assert.equal((await digits).digits, '12');
      await out.hangup();
    }
  });

  it('carries hold and resume of either side, and stays joined', async () => {
    const { out, first } = await called();
    const second = nextCall(bob);
    const dialled = await dial(first);
    const answering = await second;
    await answering.answer();
    const { call } = await joined(dialled);
    for (const [side, other] of [
      [answering, out],
      [out, answering],
    ]) {
      const held = other.waitFor('held', { timeout: 5 });
      await side.hold('hold');
      assert.equal(await held, 'event');
      const heard = other.gather({ pattern: '5+', methods: ['inband'], firstDigitTimeout: 10 });
      await side.sendDigits({ digits: '5', method: 'inband', toneMs: 400 });
      assert.match((await heard).digits, /^5+$/, 'who is held hears what the other side plays');
      const resumed = other.waitFor('resumed', { timeout: 5 });
      await side.hold('resume');
      assert.equal(await resumed, 'event');
    }
    await hearEachOther(out, answering);
    await answering.hold('hold');
    await out.waitFor('held', { timeout: 5 });
    const resumed = out.waitFor('resumed', { timeout: 5 });
    dialled.stop();
    assert.equal(await resumed, 'event', 'calls that part are held by nobody but their own peer');
    await Promise.all([out.hangup(), call.hangup()]);
  });

  it('lets an answered caller hear ringing until the early media, the answer or the failure', async () => {
    const { out, in: first } = await connect(alice, desk);
    const carol = await phones.phone('1003');
    const [atBob, atCarol] = [nextCall(bob), nextCall(carol)];
    const rings = () => out.listen({ for: 'tone', reference: '800/300,300', timeout: 10 });
    const ringing = rings();
    const dialled = await dial(first, {
      ...{ targets: ['1002', '1003'], order: 'sequential', ringback: 'tone:800/300,300' },
    });
    const failing = await atBob;
    assert.equal((await ringing).reason, 'heard');
    await failing.reject({ status: 486 });
    const speaking = await atCarol;
    assert.equal((await rings()).reason, 'heard');
    const digits = out.gather({ pattern: '7+', methods: ['inband'], firstDigitTimeout: 10 });
    await speaking.startEarlyMedia();
    await speaking.sendDigits({ digits: '7', method: 'inband', toneMs: 400 });
    assert.match((await digits).digits, /^7+$/);
    await speaking.answer();
    await joined(dialled);
    await hearEachOther(out, speaking);
    await out.hangup();
  });

  it('rings as in North America where nothing is said, or not at all; what the program plays itself is heard instead', async () => {
    const { out, in: first } = await connect(alice, desk);
    for (const ringback of ['tone:nowhere', 'missing.wav']) {
      await assert.rejects(dial(first, { ringback }), { code: /BAD_AUDIO|FILE_NOT_FOUND/ });
    }
    const quiet = nextCall(bob);
    const silent = await dial(first, { ringback: '', onFailure: 'keep' });
    const nothing = out.listen({ for: 'tone', reference: 'ringback-us', timeout: 1 });
    await (await quiet).reject({ status: 486 });
    await failed(silent);
    assert.equal((await nothing).reason, 'not-heard');
    const music = await first.play({ source: 'tone:1000', loop: true });
    const [steady, ringing] = [out.listen({ for: 'tone', reference: '1000', timeout: 10 }), nextCall(bob)];
    const dialled = await dial(first, { ringback: 'tone:ringback-kr', onFailure: 'keep' });
    await (await ringing).reject({ status: 486 });
    await failed(dialled);
    assert.equal((await steady).reason, 'heard');
    music.stop();
    await music.finished;
    const [usual, third] = [
      out.listen({ for: 'tone', reference: 'ringback-us', timeout: 15 }),
      nextCall(bob),
    ];
    await dial(first);
    assert.equal((await usual).reason, 'heard');
    await (await third).answer();
    await hearEachOther(out, await third);
    await out.hangup();
  });

  it('works for a call that is answered already, as by a menu, and for one that we have made', async () => {
    const { out, in: first } = await connect(alice, desk);
    const second = nextCall(bob);
    const dialled = await dial(first);
    await (await second).answer();
    await joined(dialled);
    await hearEachOther(out, await second);
    await out.hangup();

    const { out: made, in: at } = await connect(desk, alice);
    bob.onCall((call) => call.reject({ status: 603 }));
    const over = at.waitFor('ended', { timeout: 5 });
    await failed(await dial(made));
    assert.equal(await over, 'event', 'a failure hangs an answered call up');
    assert.equal(at.lastSip.headers?.['Reason']?.[0], 'SIP;cause=603;text="Decline"');
  });

  it('parts at stop, and both calls go on; before the answer it gives the targets up', async () => {
    const { out, first } = await called();
    const second = nextCall(bob);
    const dialled = await dial(first);
    const answering = await second;
    await answering.answer();
    const { call, finished } = await joined(dialled);
    dialled.stop();
    assert.equal((await finished).reason, 'stopped');
    await answering.hangup();
    await call.waitFor('ended', { timeout: 5 });
    assert.equal(first.state, 'answered');
    const third = nextCall(bob);
    const stopped = await dial(first);
    const over = (await third).waitFor('ended', { timeout: 5 });
    stopped.stop();
    const { sip, failure } = await failed(stopped);
    assert.deepEqual([sip.event, failure.code], ['stopped', 'CALL_ENDED']);
    assert.equal(await over, 'event');
    assert.equal(first.state, 'answered');
    await out.hangup();
  });

  it('says what is wrong before anything is sent', async () => {
    const { out, first } = await called({ ring: true });
    const wrong = async (options: object, code: string, field?: string): Promise<void> => {
      await assert.rejects(dial(first, options), { code, ...(field ? { field } : {}) });
    };
    await wrong({ targets: [] }, 'BAD_TARGET', 'targets');
    await wrong({ targets: Array.from({ length: 17 }, (_, n) => String(n)) }, 'BAD_TARGET', 'targets');
    await wrong({ targets: '1002' }, 'BAD_TARGET', 'targets');
    await wrong({ targets: ['1002', ' '] }, 'BAD_TARGET');
    await wrong({ targets: ['1002\r\nX-Evil: 1'] }, 'BAD_TARGET');
    await wrong({ order: 'random' }, 'BAD_CONFIG', 'order');
    await wrong({ onFailure: 'laugh' }, 'BAD_CONFIG', 'onFailure');
    await wrong({ fromName: 'x\r\nX-Evil: 1' }, 'BAD_CONFIG', 'fromName');
    await wrong({ retries: 1, retryOn: 'x' }, 'BAD_CONFIG');
    await wrong({ codecs: ['G729'] }, 'BAD_CONFIG', 'codecs');
    const running = await dial(first, { targets: ['4711'], onFailure: 'keep' });
    await assert.rejects(dial(first), { code: 'CALL_STATE' });
    await failed(running);
    await out.hangup();
    await first.waitFor('ended', { timeout: 5 });
    await assert.rejects(dial(first), { code: 'CALL_ENDED' });
    const ringing = nextCall(bob);
    const unanswered = await desk.dial('1002');
    await ringing;
    await assert.rejects(dial(unanswered), { code: 'CALL_STATE' });
    await unanswered.hangup();
  });

  it('is an outcome when a target cannot be called for want of calls or ports', async () => {
    const small = await phones.phone('1009', { maxCalls: 1 });
    const coming = nextCall(small);
    const out = await alice.dial('1009');
    const { failure, attempts } = await failed(await small.dialThrough(await coming, { targets: ['1002'] }));
    assert.equal(failure.code, 'MAX_CALLS');
    assert.deepEqual([attempts[0].call, attempts[0].status], [null, null]);
    assert.equal((await out.outcome).sip.status, 500);
  });

  it('ends with its phone, whose further targets are not called', async () => {
    const { out, first } = await called();
    const second = nextCall(bob);
    const dialled = await dial(first, { targets: ['1002', '1003'], order: 'sequential' });
    await second;
    await desk.close();
    await failed(dialled);
    assert.equal((await out.outcome).kind, 'failed');
    assert.equal(desk.callCount, 0);
  });
});
