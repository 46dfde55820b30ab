// Measures what the message trace, metrics and HEP take of the signalling of a call: `npm run bench:telemetry`
// (`-- --quick`: some ten seconds). Two phones without media in one process call each other, in turns with and without, so that whatever else the
// machine does meets all kinds alike. The figure of a kind is the median of its ratios to the turn without before it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { ObserveOptions } from '../../lib/telemetry';
import type { Phone } from '../../lib/calls';
import { library } from '../signalling/built-library';
import { traceTurn } from './trace-cost';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 8 : 40;
const CALLS = quick ? 150 : 400;
const WARM_UP = quick ? 800 : 4000;
const AT_ONCE = 20;
/** Nobody listens there. */
const DEAD = '127.0.0.1:9';

/** Makes calls and resolves with the processor time of one, milliseconds. */
type Turn = (calls: number) => Promise<number>;

async function main(): Promise<void> {
  const collector = fork(join(__dirname, 'collector.ts'), { execArgv: ['--import', 'tsx'] });
  const [port] = (await once(collector, 'message')) as [number];
  const kinds: Record<string, ObserveOptions> = {
    metrics: {},
    'HEP by UDP': { hep: `127.0.0.1:${port}` },
    'HEP by TCP': { hep: `tcp://127.0.0.1:${port}` },
    'HEP, dead collector by UDP': { hep: DEAD },
    'HEP, dead collector by TCP': { hep: `tcp://${DEAD}` },
  };
  console.log(`Node.js ${process.version}, ${cpus().length} processors, load ${loadavg()[0].toFixed(1)}`);
  const world = library.createWorld({ engine: library.createNullMediaEngine() });
  const telemetry = library.createTelemetry(world);
  // A pair of phones for each kind, which stays as it is: what is observed anew would be compiled anew.
  const ports = { rtpPortMin: 1024, rtpPortMax: 31_999, maxCalls: 1000 };
  const pair = async (index: number, options?: ObserveOptions): Promise<[caller: Phone, turn: Turn]> => {
    const [caller, callee] = [100, 200].map((first) =>
      world.phone({ number: String(first + index), ...ports }),
    );
    if (options) for (const phone of [caller, callee]) telemetry.observe(phone, options);
    await Promise.all([caller.start(), callee.start()]);
    callee.onCall((call) => call.answer().catch(() => undefined));
    const turn = (calls: number): Promise<number> => cost(caller, callee.options.number, calls);
    await turn(WARM_UP);
    return [caller, turn];
  };
  const [caller, alone] = await pair(0);
  const tracing = await traceTurn(caller, '200');
  tracing(WARM_UP);
  const turns: [kind: string, turn: Turn][] = [];
  for (const [kind, options] of Object.entries(kinds))
    turns.push([kind, (await pair(turns.length + 1, options))[1]]);
  const ratios = new Map<string, number[]>();
  const without: number[] = [];
  const traced: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    traced.push(tracing(CALLS) / (await alone(CALLS)));
    for (const [kind, turn] of turns) {
      const before = await alone(CALLS);
      without.push(before);
      ratios.set(kind, [...(ratios.get(kind) ?? []), (await turn(CALLS)) / before]);
    }
  }
  const base = median(without);
  console.log(`a call, both sides: ${(base * 1000).toFixed(0)} µs of processor time`);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(traced, share) * 100);
  console.log(
    `message trace, by itself: ${middle.toFixed(1)} % of it (${low.toFixed(1)} to ${high.toFixed(1)}), ` +
      `${(base * middle * 10).toFixed(1)} µs`,
  );
  for (const [kind, found] of ratios) {
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => (quantile(found, share) - 1) * 100);
    const range = `${low.toFixed(1)} to ${high.toFixed(1)} in half of ${found.length} turns`;
    console.log(
      `${kind}: ${middle.toFixed(1)} % (${range}), ${(((base * middle) / 100) * 1000).toFixed(0)} µs`,
    );
  }
  await scrapes(telemetry);
  await world.close();
  await telemetry.close();
  collector.disconnect();
}

/** Milliseconds of processor time for a call. */
async function cost(phone: Phone, target: string, calls: number): Promise<number> {
  const began = process.cpuUsage();
  let left = calls;
  const next = async (): Promise<void> => {
    while (left-- > 0) {
      const call = await phone.dial(target);
      await call.outcome;
      await call.hangup();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000 / calls;
}

/** Cost of the page itself, and of a client that asks for it without a break. */
async function scrapes(telemetry: ReturnType<typeof library.createTelemetry>): Promise<void> {
  const pages = 2000;
  let bytes = 0;
  const began = process.cpuUsage();
  for (let page = 0; page < pages; page++) bytes = telemetry.metrics().body.length;
  const { user, system } = process.cpuUsage(began);
  console.log(`a page of metrics: ${((user + system) / pages).toFixed(0)} µs, ${bytes} bytes`);
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}

void main();
