import { rounded } from './figures';
import type { Load, Role } from './load';
import { PhoneProcess, type PhoneProcessOptions } from './phone-process';
import { Sipp } from './sipp';

export interface IdleHeapOptions extends PhoneProcessOptions {
  role: Role;
  /** The calls that are to stand, and how fast they are set up. */
  load: Load;
  /** Wait until no transaction is left of the set-up, milliseconds. */
  settleMs: number;
}

/** Memory of standing, idle calls. */
export interface IdleHeap {
  /** Calls that stood. */
  standing: number;
  heapKbPerCall: number;
  /** Calls that could not be set up or ended. */
  failures: number;
}

/** Sets up calls, waits until they are quiet, weighs them, and ends them all. */
export async function weighIdleCalls(options: IdleHeapOptions): Promise<IdleHeap> {
  const { role, load, settleMs } = options;
  const phone = await PhoneProcess.start(options);
  // The first calls load code and shapes that stay.
  await setUp(phone, role, { rate: 100, calls: 50 }, settleMs);
  const before = await phone.ask({ type: 'usage', collect: true });
  const { standing, failures } = await setUp(phone, role, load, settleMs, async () => {
    const after = await phone.ask({ type: 'usage', collect: true });
    return { heap: after.heapBytes - before.heapBytes, live: after.live };
  });
  await phone.close();
  return {
    standing: standing?.live ?? 0,
    heapKbPerCall: rounded((standing?.heap ?? 0) / (standing?.live ?? 0) / 1024),
    failures,
  };
}

/** Lets calls stand, looks at them with `look`, and ends them. */
async function setUp<T>(
  phone: PhoneProcess,
  role: Role,
  load: Load,
  settleMs: number,
  look?: () => Promise<T>,
): Promise<{ standing: T | undefined; failures: number }> {
  const limitSeconds = Math.ceil((2 * load.calls) / load.rate + settleMs / 1000) + 20;
  const sipp = await Sipp.start({
    ...load,
    ...(role === 'uac'
      ? { scenario: 'callee', rate: undefined }
      : { scenario: 'standing-caller', target: phone.host }),
    limitSeconds,
  });
  const finished = sipp.finished();
  let failures = 0;
  if (role === 'uac') {
    const target = `sip:sipp@${sipp.host}`;
    ({ failures } = await phone.ask({ type: 'dial', target, ...load, hangUp: false }));
  } else {
    await new Promise((resolve) => setTimeout(resolve, (load.calls / load.rate) * 1000 + 500));
  }
  if (look) await new Promise((resolve) => setTimeout(resolve, settleMs));
  const standing = await look?.();
  await phone.ask({ type: 'endAll', rate: load.rate });
  const report = await finished;
  return { standing, failures: Math.max(failures, report.failures) };
}
