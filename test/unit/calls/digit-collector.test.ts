import assert from 'node:assert/strict';
import { DigitCollector } from '../../../lib/calls/digits/collector';
import type { DigitEvent, DtmfResult, GatherOptions } from '../../../lib/calls/types';
import { SipflowError } from '../../../lib/common/errors';
import { FakeClock } from '../../support/fake-clock';

/** A collector on a clock that stands still, and a way to press keys. */
class Bench {
  readonly clock = new FakeClock();
  readonly collector = new DigitCollector(this.clock);

  press(digits: string, method: DigitEvent['method'] = 'rfc4733'): void {
    for (const digit of digits) {
      this.collector.receive({ digit, method, atMs: this.clock.now(), durationMs: 100 });
      this.clock.advance(160);
    }
  }

  /** Starts a gather; `result` is filled in when it has ended. */
  gather(options: GatherOptions = {}): { done: Promise<DtmfResult>; result?: DtmfResult; error?: unknown } {
    const state: { done: Promise<DtmfResult>; result?: DtmfResult; error?: unknown } = {
      done: this.collector.gather(options),
    };
    state.done.then(
      (result) => (state.result = result),
      (error: unknown) => (state.error = error),
    );
    return state;
  }

  get waiting(): string {
    return this.collector.buffered.map((event) => event.digit).join('');
  }
}

/** Lets promise callbacks run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function outcome(gather: { done: Promise<DtmfResult> }): Promise<[string, string]> {
  const { digits, reason } = await gather.done;
  return [digits, reason];
}

describe('calls: gathering digits', () => {
  interface Case {
    name: string;
    options: GatherOptions;
    press: string;
    digits: string;
    reason: DtmfResult['reason'];
    waiting?: string;
  }
  const CASES: Case[] = [
    {
      name: 'maxDigits',
      options: { maxDigits: 4 },
      press: '12345',
      digits: '1234',
      reason: 'complete',
      waiting: '5',
    },
    {
      name: 'terminator',
      options: { terminator: '#' },
      press: '12#3',
      digits: '12',
      reason: 'terminator',
      waiting: '3',
    },
    {
      name: 'any of several terminators',
      options: { terminator: '*#' },
      press: '1*',
      digits: '1',
      reason: 'terminator',
    },
    { name: 'terminator alone', options: { terminator: '#' }, press: '#', digits: '', reason: 'terminator' },
    {
      name: 'lower-case terminator',
      options: { terminator: 'd' },
      press: '1D',
      digits: '1',
      reason: 'terminator',
    },
    {
      name: 'terminator too early',
      options: { terminator: '#', minDigits: 3 },
      press: '12#',
      digits: '12',
      reason: 'invalid',
    },
    {
      name: 'terminator at once, digits wanted',
      options: { terminator: '#', minDigits: 1 },
      press: '#',
      digits: '',
      reason: 'invalid',
    },
    {
      name: 'terminator wins over maxDigits',
      options: { terminator: '#', maxDigits: 3 },
      press: '12#',
      digits: '12',
      reason: 'terminator',
    },
    { name: 'pattern', options: { pattern: '1\\d|2' }, press: '15', digits: '15', reason: 'pattern' },
    {
      name: 'pattern between slashes',
      options: { pattern: '/2\\d/' },
      press: '21',
      digits: '21',
      reason: 'pattern',
    },
    {
      name: 'pattern matches the whole only',
      options: { pattern: '2' },
      press: '12',
      digits: '12',
      reason: 'invalid',
    },
    {
      name: 'pattern and enough digits',
      options: { pattern: '\\d+', minDigits: 3 },
      press: '123',
      digits: '123',
      reason: 'pattern',
    },
    {
      name: 'pattern missed at maxDigits',
      options: { pattern: '9.*', maxDigits: 2 },
      press: '12',
      digits: '12',
      reason: 'invalid',
    },
    {
      name: 'pattern missed at the terminator',
      options: { pattern: '9\\d\\d', terminator: '#' },
      press: '91#',
      digits: '91',
      reason: 'invalid',
    },
    {
      name: 'pattern missed at the time-out',
      options: { pattern: '9\\d\\d' },
      press: '91',
      digits: '91',
      reason: 'invalid',
    },
    { name: 'no digit', options: { minDigits: 1 }, press: '', digits: '', reason: 'timeout' },
    {
      name: 'enough digits, then nothing',
      options: { minDigits: 2 },
      press: '12',
      digits: '12',
      reason: 'timeout',
    },
    {
      name: 'too few digits, then nothing',
      options: { minDigits: 3 },
      press: '12',
      digits: '12',
      reason: 'invalid',
    },
  ];

  for (const { name, options, press, digits, reason, waiting } of CASES) {
    it(`${name}: ${reason}`, async () => {
      const bench = new Bench();
      const gather = bench.gather(options);
      bench.press(press);
      bench.clock.advance(60_000);
      assert.deepEqual(await outcome(gather), [digits, reason]);
      assert.equal(bench.waiting, waiting ?? '');
      assert.equal(bench.clock.pending, 0);
    });

    it(`${name}: the same from the buffer`, async () => {
      const bench = new Bench();
      bench.press(press);
      const gather = bench.gather(options);
      bench.clock.advance(60_000);
      assert.deepEqual(await outcome(gather), [digits, reason]);
      assert.equal(bench.waiting, waiting ?? '');
      assert.equal(bench.clock.pending, 0);
    });
  }

  it('reports the events of the digits and the method, not the terminator', async () => {
    const bench = new Bench();
    const gather = bench.gather({ terminator: '#' });
    bench.press('1');
    bench.press('2', 'info');
    bench.press('#', 'inband');
    assert.deepEqual(await gather.done, {
      digits: '12',
      method: 'inband',
      reason: 'terminator',
      events: [
        { digit: '1', method: 'rfc4733', atMs: 0, durationMs: 100 },
        { digit: '2', method: 'info', atMs: 160, durationMs: 100 },
      ],
    });
    const nothing = bench.gather();
    bench.clock.advance(5000);
    assert.deepEqual(await nothing.done, { digits: '', method: null, reason: 'timeout', events: [] });
  });

  describe('pitfall 12: time-outs', () => {
    it('pitfall 12: 5 s for the first digit and 3 s between digits when nothing is said', async () => {
      const bench = new Bench();
      const none = bench.gather();
      bench.clock.advance(4999);
      await settle();
      assert.equal(none.result, undefined);
      bench.clock.advance(1);
      assert.deepEqual(await outcome(none), ['', 'timeout']);

      const some = bench.gather();
      bench.clock.advance(4999);
      bench.press('1');
      bench.clock.advance(2999 - 160);
      bench.press('2');
      bench.clock.advance(2999 - 160);
      await settle();
      assert.equal(some.result, undefined);
      bench.clock.advance(1);
      assert.deepEqual(await outcome(some), ['12', 'timeout']);
    });

    it('pitfall 12: half a second is the floor, and it is long enough for digits of 100 ms', async () => {
      const bench = new Bench();
      const gather = bench.gather({ firstDigitTimeout: 0.5, interDigitTimeout: 0.5, maxDigits: 10 });
      bench.clock.advance(400);
      bench.press('1234567890');
      assert.deepEqual(await outcome(gather), ['1234567890', 'complete']);
    });

    for (const field of ['firstDigitTimeout', 'interDigitTimeout'] as const) {
      for (const value of [0.49, 0, -1, Number.NaN, Infinity, 1e9]) {
        it(`pitfall 12: refuses ${field} ${value}, naming the field and the floor`, async () => {
          const bench = new Bench();
          await assert.rejects(
            bench.collector.gather({ [field]: value }),
            (error) =>
              error instanceof SipflowError &&
              error.code === 'BAD_CONFIG' &&
              error.message.includes(`"${field}"`) &&
              error.message.includes('at least 0.5'),
          );
          assert.equal(bench.clock.pending, 0);
        });
      }
    }

    it('pitfall 12: a key that is held longer than the time-out still counts', async () => {
      const bench = new Bench();
      const gather = bench.gather({ firstDigitTimeout: 0.5, interDigitTimeout: 0.5, maxDigits: 1 });
      bench.clock.advance(450);
      bench.collector.pressed('rfc4733');
      bench.clock.advance(2000);
      bench.collector.receive({ digit: '7', method: 'rfc4733', atMs: 450, durationMs: 2000 });
      assert.deepEqual(await outcome(gather), ['7', 'complete']);
    });

    it('pitfall 12: but a key that never comes up does not hold the gather for ever', async () => {
      const bench = new Bench();
      const gather = bench.gather();
      bench.collector.pressed('inband');
      bench.clock.advance(13_000);
      assert.deepEqual(await outcome(gather), ['', 'timeout']);
    });

    it('pitfall 12: the second report of a press gives the time-out back', async () => {
      const bench = new Bench();
      const gather = bench.gather({ interDigitTimeout: 1 });
      assert.equal(
        bench.collector.receive({ digit: '1', method: 'rfc4733', atMs: 0, durationMs: 100 }),
        true,
      );
      bench.collector.pressed('inband');
      assert.equal(
        bench.collector.receive({ digit: '1', method: 'inband', atMs: 10, durationMs: 90 }),
        false,
      );
      bench.clock.advance(1000);
      assert.deepEqual(await outcome(gather), ['1', 'timeout']);
    });
  });

  describe('buffer', () => {
    it('keeps the latest 64 digits', async () => {
      const bench = new Bench();
      bench.press('1'.repeat(10) + '2'.repeat(64));
      assert.equal(bench.waiting, '2'.repeat(64));
      assert.deepEqual(await outcome(bench.gather({ maxDigits: 64 })), ['2'.repeat(64), 'complete']);
    });

    it('is forgotten with flush', async () => {
      const bench = new Bench();
      bench.press('123');
      const gather = bench.gather({ flush: true, maxDigits: 1 });
      bench.press('9');
      assert.deepEqual(await outcome(gather), ['9', 'complete']);
      assert.equal(bench.waiting, '');
    });

    it('after buffered digits the time between digits counts', async () => {
      const bench = new Bench();
      bench.press('1');
      const gather = bench.gather({ firstDigitTimeout: 10, interDigitTimeout: 1 });
      bench.clock.advance(1000);
      assert.deepEqual(await outcome(gather), ['1', 'timeout']);
    });

    it('serves one gather after the other', async () => {
      const bench = new Bench();
      bench.press('1234');
      assert.deepEqual(await outcome(bench.gather({ maxDigits: 2 })), ['12', 'complete']);
      assert.deepEqual(await outcome(bench.gather({ maxDigits: 2 })), ['34', 'complete']);
    });
  });

  it('methods: what a gather does not want waits for another', async () => {
    const bench = new Bench();
    bench.press('1', 'info');
    bench.press('2');
    const gather = bench.gather({ methods: ['rfc4733'], maxDigits: 2 });
    bench.press('3', 'inband');
    bench.collector.pressed('inband');
    bench.press('4');
    assert.deepEqual(await outcome(gather), ['24', 'complete']);
    assert.equal(bench.waiting, '13');
    assert.deepEqual(await outcome(bench.gather({ methods: [], maxDigits: 2 })), ['13', 'complete']);
  });

  it('ends without limit of its own at 256 digits', async () => {
    const bench = new Bench();
    const gather = bench.gather();
    bench.press('5'.repeat(300));
    assert.deepEqual(await outcome(gather), ['5'.repeat(256), 'complete']);
  });

  it('refuses a second gather at the same time', async () => {
    const bench = new Bench();
    const first = bench.gather({ maxDigits: 1 });
    await assert.rejects(bench.collector.gather({}), { code: 'CALL_STATE' });
    bench.press('1');
    assert.deepEqual(await outcome(first), ['1', 'complete']);
    const again = bench.gather({ maxDigits: 1 });
    bench.press('2');
    assert.deepEqual(await outcome(again), ['2', 'complete']);
  });

  const WRONG: [name: string, options: GatherOptions, message: RegExp][] = [
    ['a broken pattern', { pattern: '(' }, /"pattern" is broken/],
    ['a pattern that is whole only in a group', { pattern: '1)|(2' }, /"pattern" is broken/],
    ['a runaway pattern', { pattern: '(\\d+)*#' }, /"pattern" takes too long/],
    [
      'minDigits over maxDigits',
      { minDigits: 5, maxDigits: 4 },
      /"minDigits" \(5\) is larger than "maxDigits" \(4\)/,
    ],
    ['a fraction of a digit', { maxDigits: 1.5 }, /"maxDigits" is 1.5/],
    ['too many digits', { maxDigits: 257 }, /from 0 to 256/],
    ['negative digits', { minDigits: -1 }, /"minDigits"/],
    ['a terminator that is no digit', { terminator: '#x' }, /"X" in "terminator"/],
  ];
  for (const [name, options, message] of WRONG) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(new Bench().collector.gather(options), { code: 'BAD_CONFIG', message });
    });
  }

  describe('the end of the call', () => {
    it('is a result with what was collected', async () => {
      const bench = new Bench();
      const gather = bench.gather({ minDigits: 4, pattern: '9999' });
      bench.press('12');
      bench.collector.end();
      assert.deepEqual(await outcome(gather), ['12', 'ended']);
      assert.equal(bench.clock.pending, 0);
    });

    it('leaves the buffer to a gather that comes late', async () => {
      const bench = new Bench();
      bench.press('12');
      bench.collector.end();
      bench.collector.end();
      bench.press('3');
      assert.deepEqual(await outcome(bench.gather({ maxDigits: 1 })), ['1', 'complete']);
      assert.deepEqual(await outcome(bench.gather({ maxDigits: 2 })), ['2', 'ended']);
      assert.equal(bench.clock.pending, 0);
    });
  });

  describe('an aborted gather', () => {
    it('gives its digits back and leaves nothing behind', async () => {
      const bench = new Bench();
      const controller = new AbortController();
      bench.press('1');
      const gather = bench.gather({ maxDigits: 9, signal: controller.signal });
      bench.press('2');
      controller.abort();
      await assert.rejects(gather.done, { code: 'INTERNAL' });
      assert.equal(bench.clock.pending, 0);
      assert.equal(bench.waiting, '12');
      bench.press('3');
      assert.deepEqual(await outcome(bench.gather({ maxDigits: 3 })), ['123', 'complete']);
    });

    it('does not begin with a signal that is aborted', async () => {
      const bench = new Bench();
      bench.press('1');
      await assert.rejects(bench.collector.gather({ signal: AbortSignal.abort() }), { code: 'INTERNAL' });
      assert.equal(bench.waiting, '1');
      assert.equal(bench.clock.pending, 0);
    });

    it('an abort after the result changes nothing', async () => {
      const bench = new Bench();
      const controller = new AbortController();
      const gather = bench.gather({ maxDigits: 1, signal: controller.signal });
      bench.press('1');
      assert.deepEqual(await outcome(gather), ['1', 'complete']);
      controller.abort();
      assert.equal(bench.waiting, '');
    });
  });
});

describe('calls: streams of digits', () => {
  /** A stream that writes down what it gets; `.` is the end. */
  function listen(bench: Bench, options: Parameters<DigitCollector['stream']>[0] = {}) {
    const heard = { text: '', stop: (): void => undefined };
    heard.stop = bench.collector.stream(
      options,
      (digit) => (heard.text += digit.digit),
      () => (heard.text += '.'),
    );
    return heard;
  }

  it('gets the buffer first, then every digit, until it stops', () => {
    const bench = new Bench();
    bench.press('12');
    const heard = listen(bench);
    assert.equal(heard.text, '12');
    bench.press('3');
    assert.equal(bench.waiting, '');
    heard.stop();
    bench.press('4');
    assert.equal(heard.text, '123');
    assert.equal(bench.waiting, '4');
    bench.collector.end();
    assert.equal(heard.text, '123');
  });

  it('flush forgets the buffer', () => {
    const bench = new Bench();
    bench.press('12');
    const heard = listen(bench, { flush: true });
    bench.press('3');
    assert.equal(heard.text, '3');
  });

  it('takes only its methods; the rest waits', () => {
    const bench = new Bench();
    bench.press('1', 'info');
    bench.press('2');
    const heard = listen(bench, { methods: ['rfc4733'] });
    bench.press('3', 'info');
    bench.press('4');
    assert.equal(heard.text, '24');
    assert.equal(bench.waiting, '13');
  });

  it('shares digits with a gather and with other streams', async () => {
    const bench = new Bench();
    const one = listen(bench);
    const two = listen(bench);
    const gather = bench.gather({ maxDigits: 2 });
    bench.press('123');
    assert.deepEqual(await outcome(gather), ['12', 'complete']);
    assert.deepEqual([one.text, two.text, bench.waiting], ['123', '123', '']);
  });

  it('hears of the end once, also when it comes late', () => {
    const bench = new Bench();
    const early = listen(bench);
    bench.press('1');
    bench.collector.end();
    bench.press('2');
    const late = listen(bench);
    assert.deepEqual([early.text, late.text], ['1.', '.']);
  });

  it('one that throws disturbs nobody', async () => {
    const bench = new Bench();
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', onWarning);
    bench.collector.stream(
      {},
      () => {
        throw new Error('flow is broken');
      },
      () => undefined,
    );
    const heard = listen(bench);
    bench.press('12');
    await settle();
    process.off('warning', onWarning);
    assert.equal(heard.text, '12');
    assert.deepEqual(warnings, ['flow is broken', 'flow is broken']);
  });

  it('has a limit, and stopped ones do not count', () => {
    const bench = new Bench();
    for (let index = 0; index < 100; index += 1) listen(bench).stop();
    for (let index = 0; index < 32; index += 1) listen(bench);
    assert.throws(() => listen(bench), { code: 'CALL_STATE' });
  });
});
