import assert from 'node:assert/strict';
import { CHECK_OPERATORS, CHECK_SUBJECTS, type CheckSpec, runChecks } from '../../lib/testing';
import { FakeClock } from '../support/fake-clock';
import { type Known, MESSAGES, REF, worldWith } from './support/known-call';

const NODE = { id: 'n5', name: 'Codec', type: 'sip-expect' };

async function look(spec: CheckSpec, known: Known = {}, msg?: unknown) {
  const [result] = await runChecks([spec], {
    calls: worldWith(known),
    call: REF,
    node: NODE,
    ...(msg === undefined ? {} : { message: { msg } }),
  });
  return result;
}

async function got(subject: string, more: Partial<CheckSpec> = {}, known: Known = {}, msg?: unknown) {
  return (await look({ subject, operator: 'exists', ...more }, known, msg)).got;
}

const NOBODY = {
  codec: null,
  rtp: null,
  mos: null,
  answeredAt: null,
  endedBy: null,
  status: null,
  reason: null,
};
const SILENT = {
  rtp: { received: { packets: 0, lost: 0, jitterMs: 0 }, sent: { packets: 5 }, receivedLevelDbfs: -Infinity },
} as unknown as Known['info'];

describe('checks', () => {
  describe('read of a call', () => {
    const table: [subject: string, value: unknown, more?: Partial<CheckSpec>][] = [
      ['state', 'ended'],
      ['answered', true],
      ['status', 200],
      ['reason', 'OK'],
      ['codec', 'PCMU'],
      ['direction', 'out'],
      ['endedBy', 'local'],
      ['setupMs', 3000],
      ['ringDelayMs', 600],
      ['ringMs', 2400],
      ['durationMs', 5000],
      ['srtp', true],
      ['srtpSuite', 'AEAD_AES_256_GCM'],
      ['dtmfMethod', 'rfc4733'],
      ['transport', 'udp'],
      ['header', '4712', { name: 'X-Ticket' }],
      ['header', '4711', { name: 'x-ticket', message: 'INVITE' }],
      ['header', 'none', { name: 'X-Queue', message: '200' }],
      ['header', undefined, { name: 'X-Queue', message: '200 INVITE' }],
      ['header', 'support', { name: 'X-Queue', message: '180' }],
      ['header', '<sip:1002@10.0.0.2>', { name: 'Contact' }],
      ['methods', 'INVITE 100 180 200 ACK BYE 200'],
      ['packets', 245],
      ['lossPercent', 2],
      ['jitterMs', 1.25],
      ['rttMs', 12],
      ['mos', 4.2],
      ['levelDbfs', -21.3],
      ['silencePercent', 25.4],
      ['audio', 'both'],
      ['digits', '12#'],
      ['digitMs', 80],
      ['gapMs', 60],
    ];
    for (const [subject, value, more = {}] of table) {
      it([subject, more.name, more.message].filter((word) => word !== undefined).join(' '), async () =>
        assert.equal(await got(subject, more), value),
      );
    }

    it('sdp of a message', async () => {
      assert.match(String(await got('sdp')), /a=sendonly/);
      assert.doesNotMatch(String(await got('sdp', { message: 'INVITE' })), /a=sendonly/);
      assert.equal(await got('sdp', { message: 'BYE' }), undefined);
    });

    it('which way there was audio', async () => {
      const flows = (sent: number, received: number): Known =>
        ({ info: { rtp: { sent: { packets: sent }, received: { packets: received } } } }) as unknown as Known;
      assert.equal(await got('audio', {}, flows(5, 0)), 'sent');
      assert.equal(await got('audio', {}, flows(0, 5)), 'received');
      assert.equal(await got('audio', {}, flows(0, 0)), 'none');
    });

    it('silence as a level that JSON can hold', async () => {
      const info = {
        rtp: { ...(SILENT?.rtp ?? {}), received: { packets: 9, lost: 0 } },
      } as unknown as Known['info'];
      assert.equal(await got('levelDbfs', {}, info ? { info } : {}), -120);
    });

    it('the time to the answer from the call when its messages are forgotten', async () => {
      assert.equal(await got('setupMs', {}, { messages: [] }), 3100);
    });

    it('nothing that is not known', async () => {
      const unknown: Known = { info: NOBODY, messages: [], digits: [] };
      const of = [
        ...[
          'status',
          'reason',
          'codec',
          'endedBy',
          'setupMs',
          'ringDelayMs',
          'ringMs',
          'transport',
          'sdp',
          'methods',
        ],
        ...['packets', 'lossPercent', 'jitterMs', 'rttMs', 'mos', 'levelDbfs', 'silencePercent', 'audio'],
        ...['digitMs', 'gapMs', 'recordingMs', 'recordingDbfs'],
      ];
      for (const subject of of) assert.equal(await got(subject, {}, unknown), undefined, subject);
      for (const subject of ['jitterMs', 'levelDbfs', 'lossPercent']) {
        assert.equal(await got(subject, {}, SILENT ? { info: SILENT } : {}), undefined, subject);
      }
    });

    it('nothing of a call that never was', async () => {
      for (const call of [undefined, null, 'no-such-call', 7, {}, { id: 'no-such-call' }]) {
        const results = await runChecks(
          [
            { subject: 'answered', operator: 'is', value: true },
            { subject: 'codec', operator: 'isNot', value: 'PCMU' },
            { subject: 'codec', operator: 'absent' },
          ],
          { calls: worldWith(), call, node: NODE },
        );
        assert.deepEqual(
          results.map(({ ok, got: found }) => [ok, found]),
          [
            [false, undefined],
            [false, undefined],
            [true, undefined],
          ],
        );
      }
    });
  });

  describe('read of a message', () => {
    const msg = {
      heard: {
        reference: 'sipflow:menu',
        latencyMs: 320,
        greetingMs: 900,
        talkOverMs: 0,
        deadAirMs: 40,
        bargeInMs: 210,
      },
      payload: { lines: [{ 'a name': 'first' }], total: 3 },
      error: { code: 'BAD_TARGET', message: 'x' },
    };
    const table: [subject: string, value: unknown, name?: string][] = [
      ['heard', 'sipflow:menu'],
      ['latencyMs', 320],
      ['greetingMs', 900],
      ['talkOverMs', 0],
      ['deadAirMs', 40],
      ['bargeInMs', 210],
      ['msg', 3, 'payload.total'],
      ['msg', 3, 'msg.payload["total"]'],
      ['msg', 'first', "payload.lines[0]['a name']"],
      ['msg', undefined, 'payload.constructor'],
      ['msg', undefined, '__proto__.toString'],
      ['error', 'BAD_TARGET'],
    ];
    for (const [subject, value, name] of table) {
      it([subject, name].filter(Boolean).join(' '), async () =>
        assert.equal(await got(subject, name === undefined ? {} : { name }, {}, msg), value),
      );
    }

    it('the code of a failure where there is no error', async () => {
      assert.equal(await got('error', {}, {}, { failure: { code: 'CALL_REJECTED' } }), 'CALL_REJECTED');
    });

    it('nothing without a message, and nothing that was not heard', async () => {
      for (const subject of ['heard', 'latencyMs', 'error']) {
        assert.equal(await got(subject), undefined);
        assert.equal(await got(subject, {}, {}, {}), undefined);
      }
    });

    it('an expression, where it can be evaluated', async () => {
      const spec = { subject: 'jsonata', name: '$sum(payload)', operator: 'is', value: 6 };
      const evaluate = (expression: string): Promise<unknown> =>
        Promise.resolve(expression === '$sum(payload)' ? 6 : undefined);
      const [result] = await runChecks([spec], {
        calls: worldWith(),
        node: NODE,
        message: { msg: {}, evaluate },
      });
      assert.deepEqual([result.ok, result.what, result.got], [true, 'jsonata $sum(payload)', 6]);
      assert.equal((await look(spec)).ok, false);
    });
  });

  describe('compare', () => {
    const table: [spec: Omit<CheckSpec, 'operator'> & { operator: string }, ok: boolean][] = [
      [{ subject: 'codec', operator: 'is', value: 'pcmu' }, true],
      [{ subject: 'codec', operator: 'is', value: 'G711U' }, true],
      [{ subject: 'codec', operator: 'isNot', value: 'PCMU' }, false],
      [{ subject: 'state', operator: 'is', value: 'Ended' }, true],
      [{ subject: 'reason', operator: 'is', value: 'ok' }, false],
      [{ subject: 'answered', operator: 'is', value: 'true' }, true],
      [{ subject: 'answered', operator: 'is', value: true }, true],
      [{ subject: 'answered', operator: 'isNot', value: false }, true],
      [{ subject: 'status', operator: 'is', value: '200' }, true],
      [{ subject: 'status', operator: 'is', value: 486 }, false],
      [{ subject: 'header', name: 'X-Ticket', operator: 'contains', value: '71' }, true],
      [{ subject: 'header', name: 'X-Ticket', operator: 'contains', value: '99' }, false],
      [{ subject: 'header', name: 'X-Ticket', operator: 'matches', value: '^47\\d\\d$' }, true],
      [{ subject: 'header', name: 'X-Ticket', operator: 'matches', value: /^47\D/g }, false],
      [{ subject: 'reason', operator: 'matches', value: /^ok$/i }, true],
      [{ subject: 'sdp', operator: 'matches', value: '^m=audio \\d+ RTP/SAVP' }, true],
      [{ subject: 'status', operator: 'matches', value: '^2..$' }, true],
      [{ subject: 'lossPercent', operator: 'lt', value: '2' }, false],
      [{ subject: 'lossPercent', operator: 'lte', value: 2 }, true],
      [{ subject: 'mos', operator: 'gt', value: 4 }, true],
      [{ subject: 'mos', operator: 'gte', value: 4.3 }, false],
      [{ subject: 'setupMs', operator: 'between', value: [2000, 3000] }, true],
      [{ subject: 'setupMs', operator: 'between', value: '[3001, 9000]' }, false],
      [{ subject: 'setupMs', operator: 'between', value: '1000, 3500' }, true],
      [{ subject: 'codec', operator: 'exists' }, true],
      [{ subject: 'codec', operator: 'absent' }, false],
      [{ subject: 'methods', operator: 'is', value: 'INVITE 180 200 ACK BYE' }, true],
      [{ subject: 'methods', operator: 'is', value: 'invite 200 180' }, false],
      [{ subject: 'methods', operator: 'isNot', value: 'INVITE 183' }, true],
      [{ subject: 'methods', operator: 'contains', value: 'BYE 200' }, true],
    ];
    for (const [spec, ok] of table) {
      const { subject, operator, value } = spec;
      it(`${subject} ${operator} ${String(value)}: ${ok ? 'holds' : 'does not hold'}`, async () =>
        assert.equal((await look(spec)).ok, ok));
    }

    it('values of messages by what they are', async () => {
      const msg = { n: 3, list: ['a', { b: 1 }], flag: true, object: { b: 1 }, text: '5' };
      const holds = async (name: string, operator: string, value: unknown) =>
        (await look({ subject: 'msg', name, operator, value }, {}, msg)).ok;
      assert.equal(await holds('n', 'is', '3'), true);
      assert.equal(await holds('n', 'lt', '10'), true);
      assert.equal(await holds('text', 'lt', 10), true);
      assert.equal(await holds('flag', 'is', 'true'), true);
      assert.equal(await holds('list', 'contains', { b: 1 }), true);
      assert.equal(await holds('list', 'contains', 'b'), false);
      assert.equal(await holds('object', 'is', { b: 1 }), true);
      assert.equal(await holds('object', 'gt', 0), false);
    });

    it('a value that is not known with nothing but absent', async () => {
      for (const { name, values, types } of CHECK_OPERATORS) {
        const subject = types.includes('text') ? 'codec' : 'mos';
        const value = values === 2 ? [0, 9] : values === 1 ? (subject === 'mos' ? 4 : 'PCMU') : undefined;
        const { ok } = await look({ subject, operator: name, value }, { info: NOBODY });
        assert.equal(ok, name === 'absent', name);
      }
    });

    it('hostile text with a hostile expression in bounded time', async () => {
      const message = {
        ...MESSAGES[0],
        text: `INVITE sip:a@b SIP/2.0\r\nX-Long: ${'a'.repeat(30_000)}!\r\n\r\n`,
      };
      const spec = { subject: 'header', name: 'X-Long', operator: 'matches', value: '(a|a|aa)+$' };
      const began = performance.now();
      await look(spec, { messages: [message] }).then(
        ({ ok }) => assert.equal(ok, false),
        (error: { code?: string }) => assert.equal(error.code, 'BAD_CONFIG'),
      );
      assert.ok(performance.now() - began < 3000, 'it is interrupted');
      const plain = await look({ ...spec, value: '^a+' }, { messages: [message] });
      assert.equal(plain.ok, true, 'the beginning of a long text is looked at');
      assert.equal(String(plain.got).length, 2000, 'and the report is not filled with it');
    });

    it('what cannot be written without an error', async () => {
      const circle: Record<string, unknown> = {};
      circle['self'] = circle;
      const result = await look(
        { subject: 'msg', name: 'circle', operator: 'contains', value: 'x' },
        {},
        { circle },
      );
      assert.deepEqual([result.ok, result.got], [false, 'a value that cannot be shown']);
    });
  });

  it('say what they were, of which call, and how severe', async () => {
    const spec = { subject: 'header', name: 'X-Ticket', message: 'INVITE', operator: 'is', value: '1' };
    assert.deepEqual(await look({ ...spec, severity: 'warning' }), {
      what: 'header X-Ticket of INVITE',
      operator: 'is',
      wanted: '1',
      got: '4711',
      ok: false,
      severity: 'warning',
      node: NODE,
      atMs: 0,
      call: 'call-1',
    });
    const absent = await look({ subject: 'codec', operator: 'absent' });
    assert.deepEqual([absent.wanted, absent.severity], [undefined, 'error']);
  });

  describe('that cannot be made are refused with a sentence', () => {
    const table: [spec: Partial<CheckSpec>, sentence: RegExp][] = [
      [{ subject: 'colour' }, /nothing called "colour".*codec/],
      [{ subject: 'codec', operator: 'lt', value: 1 }, /"lt" is no comparison for codec/],
      [{ operator: 'equals' }, /"equals" is no comparison/],
      [{ subject: 'header' }, /header needs a field by name/],
      [{ value: undefined }, /codec needs a value/],
      [{ subject: 'mos', operator: 'gt', value: 'good' }, /must be a number/],
      [{ subject: 'mos', operator: 'between', value: 4 }, /two numbers/],
      [{ operator: 'matches', value: '(' }, /broken/],
      [{ operator: 'matches', value: '(\\d+)*$' }, /too long/],
      [{ operator: 'matches', value: 'x'.repeat(501) }, /more than 500/],
    ];
    for (const [overrides, sentence] of table) {
      it(String(sentence), async () => {
        const spec: CheckSpec = { subject: 'codec', operator: 'is', value: 'PCMU', ...overrides };
        await assert.rejects(look(spec), { code: 'BAD_CONFIG', message: sentence });
      });
    }

    it('more than a hundred', async () => {
      const specs = Array.from({ length: 101 }, () => ({ subject: 'codec', operator: 'exists' }));
      await assert.rejects(runChecks(specs, { calls: worldWith(), node: NODE }), { field: 'checks' });
    });
  });

  describe('that may come true', () => {
    /** Checks of a message that changes while the clock goes on. */
    async function waiting(options: { withinMs: number; signal?: AbortSignal; trueAtMs: number }) {
      const clock = new FakeClock();
      const msg: Record<string, unknown> = {};
      const running = runChecks([{ subject: 'msg', name: 'done', operator: 'is', value: true }], {
        calls: worldWith(),
        node: NODE,
        message: { msg },
        clock,
        ...options,
      });
      let result: Awaited<typeof running> | undefined;
      void running.then((checks) => (result = checks));
      for (let turn = 0; !result && turn < 200; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (result) break;
        clock.advance(10);
        if (clock.now() >= options.trueAtMs) msg['done'] = true;
      }
      assert.equal(clock.pending, 0);
      return { ok: (await running)[0].ok, ms: clock.now() };
    }

    it('are looked at again until they hold', async () => {
      const { ok, ms } = await waiting({ withinMs: 1000, trueAtMs: 300 });
      assert.equal(ok, true);
      assert.ok(ms >= 300 && ms <= 360, String(ms));
    });

    it('fail when the time is over', async () => {
      assert.deepEqual(await waiting({ withinMs: 500, trueAtMs: Infinity }), { ok: false, ms: 500 });
    });

    it('are looked at once when there is no time', async () => {
      assert.deepEqual(await waiting({ withinMs: 0, trueAtMs: 100 }), { ok: false, ms: 0 });
    });

    it('stop to wait by a signal', async () => {
      const stopping = new AbortController();
      stopping.abort();
      assert.deepEqual(await waiting({ withinMs: 500, trueAtMs: 100, signal: stopping.signal }), {
        ok: false,
        ms: 0,
      });
    });
  });

  it('have descriptions that forms can be made from', () => {
    const names = CHECK_SUBJECTS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { name, type, values, of } of CHECK_SUBJECTS) {
      assert.equal(values !== undefined, type === 'choice', name);
      assert.ok(of === 'call' || of === 'message');
      assert.ok(CHECK_OPERATORS.some(({ types }) => types.includes(type)));
    }
    assert.doesNotThrow(() => structuredClone([CHECK_SUBJECTS, CHECK_OPERATORS]));
  });
});
