// The same calls as the case of the flow, made by the library alone: its processor time is what a flow is compared with.
import { tmpdir } from 'node:os';
import { pace } from '../signalling/pacer';
import { library } from '../signalling/built-library';

/** Target, rate, and seconds of the warm-up and of the measurement. */
const [target, rate, warmUp, seconds] = process.argv
  .slice(2)
  .map((value, index) => (index === 0 ? value : Number(value))) as [string, number, number, number];

async function main(): Promise<void> {
  const world = library.createWorld();
  const folder = tmpdir();
  const phone = world.phone({
    number: '1001',
    mode: 'network',
    bindAddress: '127.0.0.1',
    port: 0,
    maxCalls: 10_000,
    audioDir: folder,
  });
  await phone.start();
  let failures = 0;
  const dial = async (): Promise<void> => {
    const call = await phone.dial(target);
    const { kind } = await call.outcome;
    if (kind === 'failed') failures += 1;
    await call.hangup();
  };
  const put = async (calls: number): Promise<void> => {
    const all: Promise<void>[] = [];
    await pace(calls, rate, () => all.push(dial().catch(() => void (failures += 1))));
    await Promise.all(all);
  };
  await put(rate * warmUp);
  failures = 0;
  const before = process.cpuUsage();
  await put(rate * seconds);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ cpuMsPerCall: (user + system) / 1000 / (rate * seconds), failures }));
  process.exit();
}

void main();
