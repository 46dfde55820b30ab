import assert from 'node:assert/strict';
import type { Call, CallInfo, PhoneOptions } from '../../../lib/calls';
import { connect, nextCall, Phones, receive } from '../../support/phones';

function ended(call: Call): Promise<CallInfo> {
  return new Promise((resolve) => call.on('ended', resolve));
}

/** The same calls over each transport: only the sockets underneath differ. */
const WAYS: { name: string; options: Partial<PhoneOptions> }[] = [
  ...(['udp', 'tcp', 'tls', 'ws', 'wss'] as const).map((transport) => ({
    name: transport,
    options: { transport },
  })),
  { name: 'udp and IPv6', options: { transport: 'udp', bindAddress: '::1' } },
  { name: 'tcp and IPv6', options: { transport: 'tcp', bindAddress: '::1' } },
];

for (const { name, options } of WAYS)
  describe(`a simulated call over ${name}`, () => {
    let phones: Phones;
    beforeEach(() => {
      phones = new Phones(options);
    });
    afterEach(() => phones.close());

    it('rings, is answered, exchanges digits and ends, on both sides alike', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      const incoming = nextCall(callee);
      const out = await caller.dial({ target: '1002' });
      const inc = await incoming;
      assert.equal(await out.waitFor('ringing', { timeout: 5 }), 'event');
      assert.equal(out.state, 'ringing');
      assert.equal(out.ref.callId, inc.ref.callId, 'both legs share the Call-ID');
      await inc.answer();
      const outcome = await out.outcome;
      assert.equal(outcome.kind, 'answered');
      assert.equal(outcome.sip.status, 200);

      const gathered = inc.gather({ terminator: '#' });
      assert.deepEqual(await out.sendDigits({ digits: '1234#' }), { method: 'rfc4733' });
      const result = await gathered;
      assert.equal(result.digits, '1234');
      assert.equal(result.reason, 'terminator');
      assert.equal(result.method, 'rfc4733');

      const infos = Promise.all([ended(out), ended(inc)]);
      await inc.hangup();
      const [outInfo, inInfo] = await infos;
      assert.deepEqual([outInfo.endedBy, inInfo.endedBy], ['remote', 'local']);
      assert.deepEqual([outInfo.codec, outInfo.dtmfMethod], ['PCMU', 'rfc4733']);
      assert.equal(caller.callCount + callee.callCount, 0);
      assert.throws(() => phones.world.calls.live(out.ref), {
        code: 'CALL_ENDED',
        message: /by the other side/,
      });
      assert.equal((await out.info()).state, 'ended');
    });

    it('says 404 for an unknown number and never sends a packet', async () => {
      const caller = await phones.phone('1001');
      const call = await caller.dial({ target: '4711' });
      const outcome = await call.outcome;
      assert.equal(outcome.kind, 'failed');
      assert.equal(outcome.sip.status, 404);
      assert.equal(caller.callCount, 0);
    });

    it('pitfall 3: explains a codec mismatch before the INVITE', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      let reached = 0;
      receive(callee, () => (reached += 1));
      const call = await caller.dial({ target: '1002', codecs: ['g722'] });
      const outcome = await call.outcome;
      assert.ok(outcome.kind === 'failed');
      assert.equal(outcome.sip.status, 488);
      assert.equal(outcome.failure.code, 'NO_COMMON_CODEC');
      assert.match(outcome.sip.diagnosis ?? '', /G722.*PCMU, PCMA/);
      assert.equal(reached, 0);
    });

    it('gives 480 when nobody listens and 404 when no node matches', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      const first = await (await caller.dial({ target: '1002' })).outcome;
      assert.equal(first.sip.status, 480);
      receive(callee, () => undefined, { match: '99*' });
      const second = await (await caller.dial({ target: '1002' })).outcome;
      assert.equal(second.sip.status, 404);
    });

    it('is given up after the ring time-out and tells the callee', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      const incoming = nextCall(callee);
      const out = await caller.dial({ target: '1002', ringTimeout: 0.2 });
      const inc = await incoming;
      const info = await ended(inc);
      assert.deepEqual([info.endedBy, info.status], ['remote', 487]);
      const outcome = await out.outcome;
      assert.ok(outcome.kind === 'failed');
      assert.deepEqual([outcome.sip.status, outcome.failure.code], [408, 'TIMEOUT']);
    });

    it('is refused after the callee’s answer time-out with the chosen status', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      receive(callee, () => undefined, { noAnswerTimeout: 0.2, noAnswerStatus: 486 });
      const outcome = await (await caller.dial({ target: '1002' })).outcome;
      assert.ok(outcome.kind === 'failed');
      assert.deepEqual([outcome.sip.status, outcome.failure.code], [486, 'CALL_REJECTED']);
    });

    it('is rejected by the flow with status and reason', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      receive(callee, (call) => void call.reject({ status: 603, reason: 'Not today' }));
      const outcome = await (await caller.dial({ target: '1002' })).outcome;
      assert.deepEqual([outcome.sip.status, outcome.sip.reason], [603, 'Not today']);
    });

    it('can be hung up by the caller while it rings', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      const incoming = nextCall(callee);
      const out = await caller.dial({ target: '1002' });
      const inc = await incoming;
      const callees = ended(inc);
      await out.hangup();
      assert.equal((await callees).status, 487);
      assert.equal((await out.outcome).kind, 'failed');
      await out.hangup();
    });

    it('refuses to do to a call what its state does not allow', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      const both = await connect(caller, callee);
      await assert.rejects(both.in.answer(), { code: 'CALL_STATE' });
      await assert.rejects(both.in.reject({ status: 486 }), { code: 'CALL_STATE' });
      await both.out.hangup();
      await assert.rejects(both.out.play({ source: 'silence' }), { code: 'CALL_ENDED' });
      await assert.rejects(both.out.gather({}), { code: 'CALL_ENDED' });
    });

    it('pitfall 1: play before there is media waits and then names the state', async () => {
      const caller = await phones.phone('1001', { mediaTimeout: 0.2 });
      const callee = await phones.phone('1002');
      const incoming = nextCall(callee);
      const out = await caller.dial({ target: '1002' });
      await incoming;
      await out.waitFor('ringing', { timeout: 5 });
      await assert.rejects(out.play({ source: 'silence' }), { code: 'MEDIA_NOT_READY', message: /ringing/ });
      await out.hangup();
    });

    it('pitfall 7: a 183 makes media available to both sides before the answer', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      const incoming = nextCall(callee);
      const out = await caller.dial({ target: '1002' });
      const inc = await incoming;
      await inc.startEarlyMedia();
      assert.equal(await out.waitFor('early-media', { timeout: 5 }), 'event');
      const gathered = inc.gather({ maxDigits: 1 });
      await out.sendDigits({ digits: '7' });
      assert.equal((await gathered).digits, '7');
      assert.equal(out.state, 'early-media');
      await inc.answer();
      assert.equal((await out.outcome).kind, 'answered');
      await out.hangup();
    });

    it('is put on hold and taken back, and says so on the other side', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002');
      const { out, in: inc } = await connect(caller, callee);
      const held = inc.waitFor('held', { timeout: 5 });
      assert.equal((await out.hold('hold')).kind, 'done');
      assert.equal(await held, 'event');
      assert.equal(await inc.waitFor('held', { timeout: 1 }), 'event', 'it is true already');
      const resumed = inc.waitFor('resumed', { timeout: 5 });
      assert.equal((await out.hold('resume')).kind, 'done');
      assert.equal(await resumed, 'event');
      const gathered = inc.gather({ maxDigits: 1 });
      await out.sendDigits({ digits: '5' });
      assert.equal((await gathered).digits, '5', 'the audio path is back');
      await out.hangup();
    });

    it('encrypts its audio when both sides want it, and refuses who must not', async () => {
      const caller = await phones.phone('1001', { srtp: 'required' });
      const callee = await phones.phone('1002', { srtp: 'optional' });
      const plain = await phones.phone('1003');
      const { out, in: inc } = await connect(caller, callee);
      const gathered = inc.gather({ maxDigits: 2 });
      await out.sendDigits({ digits: '42' });
      assert.equal((await gathered).digits, '42');
      assert.deepEqual([(await out.info()).srtp, (await inc.info()).srtp], [true, true]);
      await out.hangup();
      receive(plain, (call) => void call.answer().catch(() => undefined));
      const refused = await (await caller.dial({ target: '1003' })).outcome;
      assert.ok(refused.kind === 'failed');
      assert.equal(refused.sip.status, 488);
    });

    it('keeps to the number of calls that the phone allows', async () => {
      const caller = await phones.phone('1001');
      const callee = await phones.phone('1002', { maxCalls: 1 });
      const both = await connect(caller, callee);
      const remove = receive(callee, () => undefined);
      assert.equal((await (await caller.dial({ target: '1002' })).outcome).sip.status, 486);
      remove();
      const free = ended(both.in);
      await both.out.hangup();
      await free;
      const full = await phones.phone('1003', { maxCalls: 1 });
      await connect(full, callee);
      await assert.rejects(full.dial({ target: '1002' }), { code: 'MAX_CALLS' });
    });
  });

describe('simulated calls over every transport', () => {
  let ways: { name: string; phones: Phones }[] = [];
  beforeEach(() => {
    ways = WAYS.map(({ name, options }) => ({ name, phones: new Phones(options) }));
  });
  afterEach(() => Promise.all(ways.map(({ phones }) => phones.close())));

  // RFC 3261, 14.1 has the caller wait up to 4 s before it tries again: all transports share that wait.
  it('can be held by both sides at once, and freed again', async () => {
    await Promise.all(
      ways.map(async ({ name, phones }, index) => {
        const caller = await phones.phone(`11${index}`);
        const callee = await phones.phone(`12${index}`);
        const { out, in: inc } = await connect(caller, callee);
        const outcomes = await Promise.all([out.hold('hold'), inc.hold('hold')]);
        assert.deepEqual(
          outcomes.map(({ kind }) => kind),
          ['done', 'done'],
          `${name}: glare is settled by a later try`,
        );
        await inc.hold('resume');
        await out.hold('resume');
        const gathered = out.gather({ maxDigits: 1 });
        await inc.sendDigits({ digits: '6' });
        assert.equal((await gathered).digits, '6', name);
        await out.hangup();
      }),
    );
  });
});

describe('a simulated phone', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  it('refuses a number that another phone has', async () => {
    await phones.phone('1001');
    await assert.rejects(phones.phone('1001'), { code: 'BAD_CONFIG', message: /1001/ });
  });

  it('pitfall 10: names the occupied SIP port and what to do', async () => {
    const first = await phones.phone('1001');
    const port = first.address?.port ?? 0;
    await assert.rejects(phones.phone('1002', { port }), {
      code: 'TRANSPORT',
      message: new RegExp(String(port)),
    });
  });

  it('pitfall 10: refuses a SIP port inside the RTP range', async () => {
    await assert.rejects(phones.phone('1001', { port: 20500 }), { code: 'BAD_CONFIG', message: /RTP range/ });
  });

  it('pitfall 10: says when the RTP ports are used up, and frees them with the call', async () => {
    const caller = await phones.phone('1001', { rtpPortMin: 30000, rtpPortMax: 30001 });
    const callee = await phones.phone('1002');
    const both = await connect(caller, callee);
    await assert.rejects(caller.dial({ target: '1002' }), { code: 'RTP_PORTS_EXHAUSTED', message: /30000/ });
    await both.out.hangup();
    const again = await connect(caller, callee);
    await again.out.hangup();
  });

  it('ends its calls when it closes, and the same port binds again', async () => {
    const caller = await phones.phone('1001');
    const callee = await phones.phone('1002');
    const { out } = await connect(caller, callee);
    const info = ended(out);
    const port = callee.address?.port ?? 0;
    await callee.close();
    assert.equal((await info).endedBy, 'remote');
    const next = await phones.phone('1002', { port });
    const again = await connect(caller, next);
    await again.out.hangup();
  });

  for (const target of ['', 'not a target', 'http://example.org', 'sip:', '12 34']) {
    it(`says BAD_TARGET for "${target}"`, async () => {
      const caller = await phones.phone('1001');
      await assert.rejects(caller.dial({ target }), { code: 'BAD_TARGET' });
    });
  }

  it('cannot dial before it is ready or after it closed', async () => {
    const caller = await phones.phone('1001');
    await caller.close();
    await assert.rejects(caller.dial({ target: '1002' }), { code: 'INSTANCE_NOT_READY' });
  });
});
