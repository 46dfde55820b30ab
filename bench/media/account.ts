/**
 * The account of a packet: where the processor's time goes from one due packet to the next, sent and received:
 * `node bench/media/run.mjs account [dgram|native] [streams] [seconds]`. The sessions, their wheel and their sockets run in the main thread of
 * this process. V8's profiler says in which files the time is spent, the system how much of it is the kernel's. The last line is JSON.
 */
import { spawnSync } from 'node:child_process';
import { Session, type Profiler } from 'node:inspector';
import type { MediaParameters } from '../../lib/media';
import { Descriptors } from '../../lib/media/descriptors';
import { MediaMeters, WorkerMeter } from '../../lib/media/meters';
import { BoundPort } from '../../lib/media/worker/bound-port';
import { Captures } from '../../lib/media/worker/capture/captures';
import { createNativeDriver, DgramDriver, type DatagramDriver } from '../../lib/media/worker/datagrams';
import type { FileClient } from '../../lib/media/worker/file-client';
import { Session as MediaSession } from '../../lib/media/worker/session';
import type { SessionContext } from '../../lib/media/worker/session-context';
import { WheelDriver } from '../../lib/media/worker/wheel-driver';
import { loadMain, parameters, RANGE, WARM_UP_MS } from './streams';

const SAMPLING_US = 250;

/** Parts of a packet's time, µs of CPU. `rest` is collections and what Node.js does by itself. */
const PARTS = ['kernel', 'driver', 'wheel', 'session', 'codec', 'detectors', 'rest'] as const;
type Part = (typeof PARTS)[number];
export type Account = Record<Part | 'total', number>;

/** Which part a file of the program, or of Node.js, is of; the first that fits. */
const PLACES: readonly (readonly [RegExp, Part])[] = [
  [
    /\/worker\/(datagrams\/|bound-port)|\/srtp\/words|koffi|node:(dgram|internal\/dgram|net|internal\/net)/,
    'driver',
  ],
  [/\/worker\/wheel|node:(timers|internal\/timers)/, 'wheel'],
  [/\/worker\/codecs\/|\/lib\/audio\//, 'codec'],
  [/\/lib\/dtmf\/|\/worker\/(listen|receive\/(hearing|tone-listener))|\/quality\/audio-monitor/, 'detectors'],
  [/\/lib\//, 'session'],
];
/** Functions without a file that the wheel or the driver call. */
const NATIVE: Readonly<Record<string, Part>> = { send: 'driver', recvStart: 'driver' };

/** Gives the wait of the wheel a frame of its own, which the profiler sees: what it calls has none. */
function showWaiting(): void {
  const { wait } = Atomics;
  Atomics.wait = function waitingForDeadline(array: Int32Array, index: number, value: number, ms?: number) {
    return wait(array, index, value, ms);
  } as typeof Atomics.wait;
}

/** Runs an account in a process of its own. */
export function accountOf(driver: string, streams: number, seconds: number): Account {
  const args = [__filename, 'one', driver, String(streams), String(seconds)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const line = stdout.trim().split('\n').at(-1);
  if (!line?.startsWith('{')) throw new Error(stderr || stdout);
  const account = JSON.parse(line) as Account;
  const shown = PARTS.map((part) => `${part} ${account[part].toFixed(2)}`);
  console.log(
    `a packet over ${driver}, ${streams} streams, µs: ${shown.join(', ')}; ${account.total.toFixed(2)} in all`,
  );
  return account;
}

async function measure(name: string, streams: number, seconds: number): Promise<Account> {
  showWaiting();
  const driver: DatagramDriver =
    name === 'native' ? createNativeDriver(Descriptors.memory(), () => undefined) : new DgramDriver();
  const context: SessionContext = {
    wheel: new WheelDriver(driver),
    files: {} as FileClient,
    captures: new Captures({ bytes: 1 << 20, sessionBytes: 1 << 18 }),
    meter: new WorkerMeter(new MediaMeters().hire()),
    emit: () => undefined,
  };
  const ports = await bindPorts(driver, streams);
  const sessions = ports.map((port, index) => {
    const to: MediaParameters = parameters(ports[index ^ 1].rtpPort);
    return new MediaSession(index + 1, port, to, context);
  });
  await loadMain('idle', WARM_UP_MS);
  const packets = (): number => sessions.reduce((sum, each) => sum + each.statistics().sent.packets, 0);
  const [before, sentBefore] = [process.cpuUsage(), packets()];
  const profile = await profiled(() => loadMain('idle', seconds * 1000));
  const { user, system } = process.cpuUsage(before);
  const sent = packets() - sentBefore;
  await Promise.all(sessions.map((session) => session.close()));
  context.wheel.stop();
  driver.stop();
  return accountFrom(profile, user / sent, system / sent);
}

async function bindPorts(driver: DatagramDriver, count: number): Promise<BoundPort[]> {
  const ports: BoundPort[] = [];
  for (let port = RANGE.portMin; ports.length < count; port += 2) {
    if (port > RANGE.portMax) throw new Error('There are too few free ports.');
    try {
      ports.push(await BoundPort.bind(RANGE.address, port, driver));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  return ports;
}

async function profiled(run: () => Promise<void>): Promise<Profiler.Profile> {
  const inspector = new Session();
  inspector.connect();
  const post = <T>(method: string, params: object = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      inspector.post(method, params, (error, result) => (error ? reject(error) : resolve(result as T)));
    });
  await post('Profiler.enable');
  await post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
  await post('Profiler.start');
  await run();
  const { profile } = await post<{ profile: Profiler.Profile }>('Profiler.stop');
  inspector.disconnect();
  return profile;
}

/** Shares out the time on the processor by the samples. The kernel works for the driver, nearly all of it. */
function accountFrom(
  { nodes, samples = [], timeDeltas = [] }: Profiler.Profile,
  userUs: number,
  kernelUs: number,
): Account {
  const partOf = new Map(nodes.map((node) => [node.id, placeOf(node, nodes)]));
  const spent: Record<Part | 'waiting', number> = {
    ...Object.fromEntries(PARTS.map((part) => [part, 0])),
    waiting: 0,
  } as Record<Part | 'waiting', number>;
  samples.forEach((id, index) => (spent[partOf.get(id) ?? 'rest'] += timeDeltas[index + 1] ?? 0));
  const worked = PARTS.reduce((sum, part) => sum + spent[part], 0);
  const totalUs = userUs + kernelUs;
  const account = Object.fromEntries(
    PARTS.map((part) => [part, (spent[part] / worked) * totalUs]),
  ) as Account;
  account.kernel = kernelUs;
  account.driver = Math.max(0, account.driver - kernelUs);
  account.total = totalUs;
  return account;
}

/** A function without a file is counted for whoever called it. */
function placeOf(node: Profiler.ProfileNode, nodes: readonly Profiler.ProfileNode[]): Part | 'waiting' {
  const { functionName, url } = node.callFrame;
  if (functionName === '(idle)' || functionName === 'waitingForDeadline') return 'waiting';
  if (functionName === '(program)') return 'driver';
  const place = PLACES.find(([pattern]) => pattern.test(url))?.[1] ?? NATIVE[functionName];
  if (place) return place;
  const caller = url === '' ? nodes.find(({ children }) => children?.includes(node.id)) : undefined;
  return caller && caller.callFrame.functionName !== '(root)' ? placeOf(caller, nodes) : 'rest';
}

if (require.main === module) {
  const words = process.argv.slice(2);
  if (words[0] === 'one') {
    void measure(words[1], Number(words[2]), Number(words[3])).then((account) =>
      console.log(JSON.stringify(account)),
    );
  } else {
    const [driver = 'dgram', streams = '250', seconds = '5'] = words;
    console.log(JSON.stringify(accountOf(driver, Number(streams), Number(seconds))));
  }
}
