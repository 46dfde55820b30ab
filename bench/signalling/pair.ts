// Compares this checkout with another one that is built:
// `npm run bench:signalling -- --pair ../other [--role uac|uas] [--rate 500] [--seconds 4] [pairs [windows]]`.
// A phone of each carries the same load at the same time, so that whatever else the machine does meets both alike;
// processes differ by several per cent from start to start, so there are five pairs, which take turns in who is first.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median, percentile, rounded } from './figures';
import { putLoad, type Load, type Role } from './load';
import { PhoneProcess } from './phone-process';

const { values, positionals } = parseArgs({
  options: {
    pair: { type: 'string' },
    role: { type: 'string' },
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '4' },
  },
  allowPositionals: true,
});
const [PAIRS = 5, WINDOWS = 9] = positionals.map(Number);
const RATE = Number(values.rate);
const WINDOW: Load = { rate: RATE, calls: RATE * Number(values.seconds) };
// The compiler of the machine code goes on for some 15,000 calls.
const WARM_UP: Load = { rate: 800, calls: 16_000 };

/** One checkout in one window. */
interface Figures {
  cpuMsPerCall: number;
  setupMs: readonly number[];
  failures: number;
}

/** What one pair of processes came to. */
interface PairResult {
  /** CPU of this checkout divided by that of the other, median of the windows. */
  ratio: number;
  /** Milliseconds for a call, median of the windows: this checkout, the other. */
  cpuMs: [ours: number, other: number];
  p99SetupMs: [ours: number, other: number];
  failures: number;
}

async function main(): Promise<void> {
  const roles: Role[] = values.role === 'uac' || values.role === 'uas' ? [values.role] : ['uac', 'uas'];
  const results = new Map<Role, PairResult[]>(roles.map((role) => [role, []]));
  for (let pair = 0; pair < PAIRS; pair++) {
    for (const [role, found] of results) {
      const result = await measurePair(role, pair % 2 === 0);
      found.push(result);
      console.log(`${role} ${JSON.stringify(result)}`);
    }
  }
  const summary = [...results].map(([role, found]) => {
    const ratios = found.map(({ ratio }) => ratio);
    return [role, { ratio: rounded(median(ratios)), from: Math.min(...ratios), to: Math.max(...ratios) }];
  });
  console.log(JSON.stringify(Object.fromEntries(summary)));
}

/** @param oursFirst which of the two starts first, and is put under load first */
async function measurePair(role: Role, oursFirst: boolean): Promise<PairResult> {
  const [ours, other] = [
    await PhoneProcess.start(),
    await PhoneProcess.start({ checkout: resolve(values.pair ?? '.') }),
  ];
  const order = oursFirst ? [ours, other] : [other, ours];
  try {
    await Promise.all(order.map((phone) => putLoad(phone, role, WARM_UP)));
    const windows: [ours: Figures, other: Figures][] = [];
    for (let window = 0; window < WINDOWS; window++) {
      const figures = await Promise.all(order.map((phone) => measureWindow(phone, role)));
      windows.push(oursFirst ? [figures[0], figures[1]] : [figures[1], figures[0]]);
    }
    return {
      ratio: rounded(median(windows.map(([one, two]) => one.cpuMsPerCall / two.cpuMsPerCall))),
      cpuMs: both((side) => median(windows.map((pair) => pair[side].cpuMsPerCall))),
      p99SetupMs: both((side) =>
        percentile(
          windows.flatMap((pair) => pair[side].setupMs),
          0.99,
        ),
      ),
      failures: windows.flat().reduce((sum, { failures }) => sum + failures, 0),
    };
  } finally {
    await Promise.all([ours.close(), other.close()]);
  }
}

async function measureWindow(phone: PhoneProcess, role: Role): Promise<Figures> {
  const { cpuMs: before } = await phone.ask({ type: 'usage' });
  const { setupMs, failures } = await putLoad(phone, role, WINDOW);
  const { cpuMs } = await phone.ask({ type: 'usage' });
  return { cpuMsPerCall: (cpuMs - before) / WINDOW.calls, setupMs, failures };
}

function both(figure: (side: 0 | 1) => number): [number, number] {
  return [rounded(figure(0)), rounded(figure(1))];
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
