// Prints what it does, and as its last line one JSON object with the figures.
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { measure, type Cell, type RunningCell } from './cell';
import { mean, rounded } from './figures';
import { weighIdleCalls } from './idle-heap';
import { putLoad, sippAgainstSipp, type Load, type Role } from './load';
import { findMaxRate, type Search } from './max-rate';
import { PhoneProcess } from './phone-process';
import { sippVersion } from './sipp';
import { measureMachine, NOTED_PARSE_US } from './yardstick';

const ROLES: readonly Role[] = ['uac', 'uas'];

/** A cell of ours, with how fast the machine was around it. */
interface TimedCell extends RunningCell {
  parseUs: readonly number[];
}

/** How much is measured. */
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

/** For a quick look: costs of the last timers are left out, and so are rates that no one needs. */
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

  const running: Record<Role, TimedCell[]> = { uac: [], uas: [] };
  for (const role of ROLES) {
    for (const load of plan.loads) {
      console.log(`${role} at ${load.rate} calls per second, ${load.calls} calls …`);
      const before = await measureMachine();
      const cell = await measure({ role, load, warmUp: plan.warmUp, settleMs: plan.settleMs });
      running[role].push({ ...cell, parseUs: [before, await measureMachine()] });
    }
  }
  const bareCells: Record<Role, RunningCell[]> = { uac: [], uas: [] };
  for (const role of ROLES) {
    console.log(`${role} without a SIP stack …`);
    bareCells[role].push(
      await measure({ role, load: plan.bare, warmUp: plan.warmUp, settleMs: 500, stack: 'bare' }),
    );
  }
  const foreignStack = foreignName();
  const foreignCells: Record<Role, RunningCell[]> = { uac: [], uas: [] };
  if (foreignStack !== undefined) {
    for (const role of ROLES) foreignCells[role] = await measureForeign(foreignStack, role, plan);
  }
  const sippMaxCps = await findMaxRate('SIPp against SIPp', plan.sippSearch, sippAgainstSipp);
  const maxCps = Math.min(await maxRate('uac', plan), await maxRate('uas', plan));
  const heapKbPerIdleCall = await idleHeap(plan);
  const bare = {
    uac: (await results('bare uac', bareCells.uac))[0].cpuMsPerCall,
    uas: (await results('bare uas', bareCells.uas))[0].cpuMsPerCall,
  };
  const foreign = {
    uac: await results(`${foreignStack} uac`, foreignCells.uac),
    uas: await results(`${foreignStack} uas`, foreignCells.uas),
  };
  const compared = async (role: Role): Promise<ComparedCell[]> => {
    const cells = await results(role, running[role]);
    return cells.map((cell, index) => compare(cell, bare[role], foreign[role], running[role][index].parseUs));
  };
  const figures = {
    uac: await compared('uac'),
    uas: await compared('uas'),
    /** CPU of a call's messages without a SIP stack, measured in the same run, milliseconds. */
    bareCpuMsPerCall: bare,
    /** Another SIP stack in the same run. */
    foreign: foreignStack === undefined ? null : { stack: foreignStack, ...foreign },
    maxCps,
    heapKbPerIdleCall,
    sipp: { version, maxCps: sippMaxCps },
  };
  console.log(JSON.stringify(figures));
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

/** A cell with figures that can be compared between machines. */
interface ComparedCell extends Cell {
  /** How often the time of bare messages each call took. */
  timesBare: number;
  /** How often the other stack's time at the same rate; `null` without the other stack. */
  timesForeign: number | null;
  /** What the yardstick took before and after, microseconds. */
  parseUs: readonly number[];
  /** `cpuMsPerCall` at the speed of the machine that the target is of, by the mean of them. */
  cpuMsAsNoted: number;
}

function compare(
  cell: Cell,
  bareMs: number,
  foreign: readonly Cell[],
  parseUs: readonly number[],
): ComparedCell {
  const other = foreign.find(({ rate }) => rate === cell.rate);
  return {
    ...cell,
    timesBare: rounded(cell.cpuMsPerCall / bareMs),
    timesForeign: other ? rounded(cell.cpuMsPerCall / other.cpuMsPerCall) : null,
    parseUs,
    cpuMsAsNoted: rounded((cell.cpuMsPerCall * NOTED_PARSE_US) / mean(parseUs)),
  };
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

/** The other stack under the loads that we had. */
async function measureForeign(
  name: string,
  role: Role,
  { loads, warmUp, settleMs }: Plan,
): Promise<RunningCell[]> {
  const cells: RunningCell[] = [];
  for (const load of loads) {
    console.log(`${name} ${role} at ${load.rate} calls per second …`);
    cells.push(await measure({ role, load, warmUp, settleMs, stack: 'foreign' }));
  }
  return cells;
}

async function results(name: string, cells: RunningCell[]): Promise<Cell[]> {
  const finished = await Promise.all(cells.map(({ result }) => result));
  for (const cell of finished) console.log(`${name} ${JSON.stringify(cell)}`);
  return finished;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
