// Prints progress, and as its last line one JSON object with the figures.
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { measure, type Cell } from './cell';
import { compare, type ComparedCell } from './compared-cell';
import { weighIdleCalls } from './idle-heap';
import { putLoad, sippAgainstSipp, type Load, type Role } from './load';
import { findMaxRate, type Search } from './max-rate';
import { PhoneProcess, type Stack } from './phone-process';
import { sippVersion } from './sipp';
import { measureMachine } from './yardstick';

const ROLES: readonly Role[] = ['uac', 'uas'];

/** Settle time of the compared stacks, milliseconds: their last timers are not counted, to their advantage. */
const SHORT_SETTLE_MS = 500;

/** Extent of the measurements. */
interface Plan {
  loads: Load[];
  /** Without a SIP stack. */
  bare: Load;
  warmUp: Load;
  search: Search;
  /** The same between two SIPps. */
  sippSearch: Search;
  standing: Load;
  /** Milliseconds until the transactions of a call are over: 64·T1 and a little. */
  settleMs: number;
  /** T1 of the standing calls, milliseconds; the RFC's when absent. */
  t1?: number;
}

const FULL: Plan = {
  loads: [
    { rate: 300, calls: 1500 },
    { rate: 1000, calls: 10_000 },
  ],
  bare: { rate: 1000, calls: 5000 },
  // The compiler of the machine code goes on for some 15,000 calls.
  warmUp: { rate: 800, calls: 16_000 },
  search: { first: 1000, step: 500, last: 5000, seconds: 2 },
  sippSearch: { first: 4000, step: 4000, last: 12_000, seconds: 2 },
  standing: { rate: 500, calls: 3000 },
  settleMs: 34_000,
};

/** Plan of a quick run: without the cost of the last timers and without high rates. */
const QUICK: Plan = {
  loads: [
    { rate: 300, calls: 300 },
    { rate: 1000, calls: 1000 },
  ],
  bare: { rate: 1000, calls: 1000 },
  warmUp: { rate: 300, calls: 300 },
  search: { first: 1000, step: 1000, last: 1000, seconds: 1 },
  sippSearch: { first: 2000, step: 2000, last: 2000, seconds: 1 },
  standing: { rate: 300, calls: 300 },
  settleMs: 500,
  t1: 50,
};

async function main(): Promise<void> {
  const version = sippVersion();
  if (version === undefined) {
    throw new Error('SIPp is needed and was not found: install it (Debian: apt-get install sip-tester).');
  }
  const plan = process.argv.includes('--quick') ? QUICK : FULL;
  if (plan === QUICK) {
    console.log(
      'Quick: the compiler is still at work, so a call costs two to three times what it does later.',
    );
  }
  const [load] = loadavg();
  console.log(
    `SIPp ${version}, Node.js ${process.version}, ${cpus().length} processors, load ${load.toFixed(1)}`,
  );
  if (load > cpus().length / 4) console.log('The machine is busy with other work: expect worse figures.');

  const foreign = foreignName();
  const uac = await measureRole('uac', plan, foreign);
  const uas = await measureRole('uas', plan, foreign);
  const sippMaxCps = await findMaxRate('SIPp against SIPp', plan.sippSearch, sippAgainstSipp);
  const maxCps = Math.min(await maxRate('uac', plan), await maxRate('uas', plan));
  const figures = {
    uac: uac.ours,
    uas: uas.ours,
    /** CPU of a call's messages without a SIP stack, measured in the same run, milliseconds. */
    bareCpuMsPerCall: { uac: uac.bare.cpuMsPerCall, uas: uas.bare.cpuMsPerCall },
    /** Another SIP stack in the same run, each load right after ours. */
    foreign: foreign === undefined ? null : { stack: foreign, uac: uac.foreign, uas: uas.foreign },
    maxCps,
    heapKbPerIdleCall: await idleHeap(plan),
    sipp: { version, maxCps: sippMaxCps },
  };
  console.log(JSON.stringify(figures));
}

/** Our cell and the compared ones, measured close together in time because the machine is shared. */
async function measureRole(
  role: Role,
  { loads, bare: bareLoad, warmUp, settleMs }: Plan,
  foreignStack: string | undefined,
): Promise<{ ours: ComparedCell[]; bare: Cell; foreign: Cell[] }> {
  const take = async (name: string, stack: Stack, load: Load, wait: number): Promise<Cell> => {
    console.log(`${name} as ${role} at ${load.rate} calls per second, ${load.calls} calls …`);
    const cell = await measure({ role, load, warmUp, settleMs: wait, stack });
    console.log(JSON.stringify(cell));
    return cell;
  };
  const bare = await take('no SIP stack', 'bare', bareLoad, SHORT_SETTLE_MS);
  const ours: ComparedCell[] = [];
  const foreign: Cell[] = [];
  for (const load of loads) {
    const before = await measureMachine();
    const cell = await take('this phone', 'ours', load, settleMs);
    const parseUs = [before, await measureMachine()];
    const other = foreignStack && (await take(foreignStack, 'foreign', load, SHORT_SETTLE_MS));
    if (other) foreign.push(other);
    ours.push(compare(cell, { bare, foreign: other || undefined, parseUs }));
    if (cell.failures > 0) process.exitCode = 1;
  }
  return { ours, bare, foreign };
}

async function maxRate(role: Role, { search, warmUp }: Plan): Promise<number> {
  const phone = await PhoneProcess.start();
  try {
    await putLoad(phone, role, warmUp);
    return await findMaxRate(role, search, (load) => putLoad(phone, role, load));
  } finally {
    await phone.close();
  }
}

/** The heavier of the two roles. Both stand at the same time, because quiet calls do not disturb each other. */
async function idleHeap({ standing, settleMs, t1 }: Plan): Promise<number> {
  console.log(`${standing.calls} standing calls for each role …`);
  const wait = t1 === undefined ? settleMs : 64 * t1 + settleMs;
  const heaps = await Promise.all(
    ROLES.map((role) => weighIdleCalls({ role, load: standing, settleMs: wait, t1 })),
  );
  heaps.forEach(({ standing, heapKbPerCall, failures }, index) => {
    console.log(`${ROLES[index]}: ${standing} calls stood, ${heapKbPerCall} KB each, ${failures} failures`);
    if (failures > 0) process.exitCode = 1;
  });
  return Math.max(...heaps.map(({ heapKbPerCall }) => heapKbPerCall));
}

/** Name and version of the other stack, which `run.mjs` has installed; undefined when it could not be. */
function foreignName(): string | undefined {
  const folder = process.env.SIPFLOW_BENCH_FOREIGN;
  if (folder === undefined) {
    console.log('The other SIP stack could not be installed: no comparison with it.');
    return undefined;
  }
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  return `${name} ${version}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
