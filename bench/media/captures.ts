/**
 * `npm run bench:media -- captures [streams] [seconds] [rounds]`: CPU of a call whose packets are captured over that of one
 * whose are not. A round is a process with a worker for each kind; they work at the same time, so that what the machine
 * does meanwhile hits them alike, and each one's thread is timed by the kernel. The median of the rounds counts; the last
 * line is JSON.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { WorkerMediaEngine } from '../../lib/media/engine';
import type { MediaPort, MediaSession } from '../../lib/media';
import { loadMain, parameters, RANGE, saturatePool, WARM_UP_MS } from './streams';

const KINDS = ['off', 'headers', 'audio'] as const;
type Kind = (typeof KINDS)[number];

/** Largest shares of CPU that a capture may add. */
const TARGETS = { headers: 0.03, audio: 0.08 } as const;

/** The sessions of one worker, which talk to each other in pairs. */
interface Party {
  sessions: MediaSession[];
  /** Threads of the worker, as the kernel numbers them. */
  threads: string[];
  close(): Promise<void>;
}

async function open(kind: Kind, streams: number): Promise<Party> {
  const known = new Set(threadsOfProcess());
  const engine = new WorkerMediaEngine({ workers: 1 });
  const ports: MediaPort[] = [];
  for (let index = 0; index < streams; index++) ports.push(await engine.reserve(RANGE));
  const threads = threadsOfProcess().filter((thread) => !known.has(thread));
  const capture = kind === 'off' ? {} : { capture: kind };
  const sessions = ports.map((port, index) => port.open(parameters(ports[index ^ 1].rtpPort, capture)));
  const close = async (): Promise<void> => {
    await Promise.all(sessions.map((session) => session.close()));
    await engine.close();
  };
  return { sessions, threads, close };
}

function threadsOfProcess(): string[] {
  return readdirSync('/proc/self/task');
}

/** Time on a processor, microseconds. */
function cpuUs({ threads }: Party): number {
  const times = threads.map((thread) => {
    return Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  });
  return times.reduce((sum, time) => sum + time, 0) / 1000;
}

async function sent({ sessions }: Party): Promise<number> {
  const figures = await Promise.all(sessions.map((session) => session.statistics()));
  return figures.reduce((sum, figure) => sum + figure.sent.packets, 0);
}

/** CPU per packet sent and received, microseconds, of each kind. @param order in which the workers start */
async function measure(order: readonly Kind[], streams: number, seconds: number): Promise<void> {
  // The threads of libuv are no worker's.
  saturatePool()();
  const parties = new Map<Kind, Party>();
  for (const kind of order) parties.set(kind, await open(kind, streams));
  await loadMain('idle', WARM_UP_MS);
  const before = new Map<Kind, { us: number; packets: number }>();
  for (const [kind, party] of parties) before.set(kind, { packets: await sent(party), us: cpuUs(party) });
  await loadMain('idle', seconds * 1000);
  const figures: Partial<Record<Kind, number>> = {};
  for (const [kind, party] of parties) {
    const began = before.get(kind) ?? { us: 0, packets: 0 };
    const us = cpuUs(party) - began.us;
    figures[kind] = us / ((await sent(party)) - began.packets);
  }
  await Promise.all([...parties.values()].map((party) => party.close()));
  console.log(JSON.stringify(figures));
}

function round(number: number, streams: number, seconds: number): Record<Kind, number> {
  const order = KINDS.map((_, index) => KINDS[(index + number) % KINDS.length]);
  const args = [...process.execArgv, __filename, 'one', order.join(), String(streams), String(seconds)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const line = stdout.trim().split('\n').at(-1);
  if (!line?.startsWith('{')) throw new Error(stderr || stdout);
  return JSON.parse(line) as Record<Kind, number>;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function compare(streams: number, seconds: number, rounds: number): void {
  const ratios: Record<Exclude<Kind, 'off'>, number[]> = { headers: [], audio: [] };
  for (let number = 0; number < rounds; number++) {
    const figures = round(number, streams, seconds);
    ratios.headers.push(figures.headers / figures.off);
    ratios.audio.push(figures.audio / figures.off);
    console.log(
      `round ${number + 1}: ${KINDS.map((kind) => `${kind} ${figures[kind].toFixed(2)} µs`).join(', ')}`,
    );
  }
  const added = { headers: median(ratios.headers) - 1, audio: median(ratios.audio) - 1 };
  for (const kind of ['headers', 'audio'] as const) {
    const met = added[kind] <= TARGETS[kind] ? 'met   ' : 'MISSED';
    console.log(
      `${met} capture of ${kind}: ${(100 * added[kind]).toFixed(1)} % (≤ ${100 * TARGETS[kind]} %)`,
    );
  }
  console.log(JSON.stringify({ streams, rounds, added, ratios }));
}

function main([first, ...rest]: string[]): Promise<void> | void {
  if (first === 'one') return measure(rest[0].split(',') as Kind[], Number(rest[1]), Number(rest[2]));
  return compare(Number(first ?? 150), Number(rest[0] ?? 6), Number(rest[1] ?? 9));
}

void main(process.argv.slice(2));
