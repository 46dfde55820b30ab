// Many calls, one after the other and some at once: descriptors, timers and heap stay as they were.
import { createWorld, type Phone, type World } from '../../lib/calls';
import { settledFootprint, type Footprint } from './footprint';
import { onEveryCall, phoneOptions, signallingWorld, uriOf } from './phones';
import { exceptionsSeen, report, SHORT, watchExceptions } from './report';

const CALLS = SHORT ? 500 : 20_000;
/** Calls with real RTP sockets and workers among them. */
const MEDIA_CALLS = SHORT ? 60 : 2000;
const CALLS_AT_ONCE = 40;
/** Ended calls and their messages are remembered up to limits (1,000 each): more must have ended before the first look. */
const WARM_UP = 1300;
const MEDIA_WARM_UP = 60;
/** Short, so that what the transactions of the last calls hold is given back soon. */
const T1 = SHORT ? 50 : 100;
/** The last timers of a call run for 64·T1, and then for T4. */
const SETTLE_MS = 64 * T1 + 10_000;
/** What code that is compiled later and buffers of the process may add. */
const HEAP_ALLOWANCE_KB = 2048;

interface Totals {
  calls: number;
  failed: number;
}

async function main(): Promise<void> {
  watchExceptions();
  const timers = { t1: T1 };
  await measure('calls', signallingWorld(timers), { warmUp: WARM_UP, calls: CALLS });
  await measure('calls with media', createWorld({ timers }), {
    warmUp: MEDIA_WARM_UP,
    calls: MEDIA_CALLS,
  });
}

async function measure(part: string, world: World, plan: { warmUp: number; calls: number }): Promise<void> {
  const [caller, callee] = [world.phone(phoneOptions('caller')), world.phone(phoneOptions('callee'))];
  onEveryCall(callee, (call) => void call.answer().catch(() => undefined));
  await Promise.all([caller.start(), callee.start()]);
  await run(caller, callee, plan.warmUp);
  const before = await settledFootprint(SETTLE_MS);
  const begin = performance.now();
  const { calls, failed } = await run(caller, callee, plan.calls);
  const seconds = (performance.now() - begin) / 1000;
  const after = await settledFootprint(SETTLE_MS);
  const left = caller.callCount + callee.callCount;
  await world.close();
  const exceptions = exceptionsSeen();
  report(
    part,
    { calls, failed, exceptions, left, callsPerSecond: Math.round(calls / seconds), before, after },
    {
      'every call is set up and ended': failed === 0 && left === 0,
      'no exception': exceptions === 0,
      ...flatness(before, after),
    },
  );
}

function flatness(before: Footprint, after: Footprint): Record<string, boolean> {
  return {
    'descriptors flat': after.descriptors <= before.descriptors,
    'no timer left': after.timers === 0,
    'sockets flat': after.sockets <= before.sockets,
    'heap flat': after.heapKb <= before.heapKb + HEAP_ALLOWANCE_KB,
  };
}

async function run(caller: Phone, callee: Phone, calls: number): Promise<Totals> {
  const totals: Totals = { calls: 0, failed: 0 };
  const target = uriOf(callee);
  const worker = async (): Promise<void> => {
    while (totals.calls < calls) {
      totals.calls += 1;
      await oneCall(caller, target).catch(() => (totals.failed += 1));
    }
  };
  await Promise.all(Array.from({ length: Math.min(CALLS_AT_ONCE, calls) }, worker));
  return totals;
}

async function oneCall(caller: Phone, target: string): Promise<void> {
  const call = await caller.dial({ target });
  const { kind } = await call.outcome;
  await call.hangup();
  if (kind !== 'answered') throw new Error('not answered');
}

void main();
