import { percentile, rounded } from './figures';
import { putLoad, type Load, type Role } from './load';
import { PhoneProcess, type Stack } from './phone-process';

/** One row of the result. */
export interface Cell {
  rate: number;
  calls: number;
  failures: number;
  retransmissions: number;
  /** User and system time of our process for a call, milliseconds. */
  cpuMsPerCall: number;
  p99SetupMs: number;
}

/** A measurement whose load is over. Its last timers may still run, and they belong to the cost. */
export interface RunningCell {
  result: Promise<Cell>;
}

export interface CellOptions {
  role: Role;
  load: Load;
  /** Calls before the measurement, for the compiler of the machine code. */
  warmUp: Load;
  /** How long the process is watched after the load, milliseconds: transactions end 64·T1 after their call. */
  settleMs: number;
  stack?: Stack;
}

/** Puts a load on a fresh process. Resolves when the load is over; the result comes when its timers are. */
export async function measure(options: CellOptions): Promise<RunningCell> {
  const { role, load, warmUp, settleMs, stack } = options;
  const phone = await PhoneProcess.start({ stack });
  await putLoad(phone, role, warmUp);
  const before = await phone.ask({ type: 'usage' });
  const report = await putLoad(phone, role, load);
  const settle = async (): Promise<Cell> => {
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const after = await phone.ask({ type: 'usage' });
    for (const warning of after.warnings) console.log(`warning of the process under test: ${warning}`);
    await phone.close();
    return {
      ...load,
      failures: report.failures,
      retransmissions: report.retransmissions,
      cpuMsPerCall: rounded((after.cpuMs - before.cpuMs) / load.calls),
      p99SetupMs: rounded(percentile(report.setupMs, 0.99)),
    };
  };
  return { result: settle() };
}
