// Measures what metrics and HEP add to the signalling of a call: `npm run bench:telemetry` (`-- --quick`: some ten
// seconds). Two phones without media in one process call each other, in turns with and without, so that whatever else the
// machine does meets all kinds alike. The figure of a kind is the median of its ratios to the turn without before it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { ObserveOptions } from '../../lib/telemetry';
import type { Phone } from '../../lib/calls';
import { library } from '../signalling/built-library';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 8 : 40;
const CALLS = quick ? 150 : 400;
const WARM_UP = quick ? 1500 : 8000;
const AT_ONCE = 20;
/** Nobody listens there. */
const DEAD = '127.0.0.1:9';

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
  const ports = { rtpPortMin: 1024, rtpPortMax: 31_999, maxCalls: 1000 };
  const [alice, bob] = ['1001', '1002'].map((number) => world.phone({ number, ...ports }));
  await Promise.all([alice.start(), bob.start()]);
  bob.onCall((call) => call.answer().catch(() => undefined));
  await cost(alice, WARM_UP);
  const ratios = new Map<string, number[]>();
  const without: number[] = [];
  const all = Object.entries(kinds);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [kind, options] of all) {
      const before = await cost(alice, CALLS);
      const ends = [alice, bob].map((phone) => telemetry.observe(phone, options));
      // What has been optimised for another kind is optimised again.
      await cost(alice, CALLS / 5);
      const during = await cost(alice, CALLS);
      await Promise.all(ends.map((end) => end()));
      without.push(before);
      ratios.set(kind, [...(ratios.get(kind) ?? []), during / before]);
    }
  }
  const base = median(without);
  console.log(`a call, both sides: ${(base * 1000).toFixed(0)} µs of processor time`);
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
async function cost(phone: Phone, calls: number): Promise<number> {
  const began = process.cpuUsage();
  let left = calls;
  const next = async (): Promise<void> => {
    while (left-- > 0) {
      const call = await phone.dial('1002');
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
