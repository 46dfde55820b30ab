import { median, percentile, rounded } from './figures';
import { putLoad, type Load, type Role } from './load';
import { PhoneProcess, type Stack } from './phone-process';

/** One row of the result. */
export interface Cell {
  rate: number;
  calls: number;
  failures: number;
  retransmissions: number;
  /** User and system time of our process for a call, milliseconds: the median of the rounds. */
  cpuMsPerCall: number;
  /** The same for each round: how far other work on the machine has moved it. */
  rounds: number[];
  p99SetupMs: number;
}

export interface CellOptions {
  role: Role;
  /** Of all rounds together. */
  load: Load;
  /** Calls before the measurement, for the compiler of the machine code. */
  warmUp: Load;
  /** Time for which the process is measured after the load, milliseconds: transactions end 64·T1 after their call. */
  settleMs: number;
  stack?: Stack;
}

/** The machine is shared: a burst of other work then spoils a round, and not the figure. */
const ROUNDS = 5;

/** Puts a load on a fresh process, and waits for its timers. */
export async function measure(options: CellOptions): Promise<Cell> {
  const { role, load, warmUp, settleMs, stack } = options;
  const phone = await PhoneProcess.start({ stack });
  await putLoad(phone, role, warmUp);
  const round: Load = { rate: load.rate, calls: Math.ceil(load.calls / ROUNDS) };
  const cell = { ...load, failures: 0, retransmissions: 0 };
  const rounds: number[] = [];
  const setupMs: number[] = [];
  let used = (await phone.ask({ type: 'usage' })).cpuMs;
  for (let index = 0; index < ROUNDS; index++) {
    const report = await putLoad(phone, role, round);
    const { cpuMs } = await phone.ask({ type: 'usage' });
    rounds.push((cpuMs - used) / round.calls);
    used = cpuMs;
    cell.failures += report.failures;
    cell.retransmissions += report.retransmissions;
    for (const each of report.setupMs) setupMs.push(each);
  }
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const after = await phone.ask({ type: 'usage' });
  for (const warning of after.warnings) console.log(`warning of the process under test: ${warning}`);
  await phone.close();
  const rest = (after.cpuMs - used) / (round.calls * ROUNDS);
  return {
    ...cell,
    cpuMsPerCall: rounded(median(rounds) + rest),
    rounds: rounds.map((each) => rounded(each + rest)),
    p99SetupMs: rounded(percentile(setupMs, 0.99)),
  };
}
