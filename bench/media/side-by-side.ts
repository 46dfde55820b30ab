/**
 * Compares kinds of calls by the CPU that a packet takes. A round is a process with a worker for each kind; they work at
 * the same time, so that what the machine does meanwhile hits them alike, and each one's thread is timed by the kernel.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { WorkerMediaEngine, type MediaEngineOptions } from '../../lib/media/engine';
import type { MediaParameters, MediaPort, MediaSession } from '../../lib/media';
import { loadMain, parameters, RANGE, saturatePool, WARM_UP_MS } from './streams';

/** A kind of calls: their engine and parameters. */
export interface Kind {
  engine?: MediaEngineOptions;
  capture?: MediaParameters['capture'];
}

/** The sessions of one worker, which talk to each other in pairs. */
interface Party {
  sessions: MediaSession[];
  /** Threads of the worker, as the kernel numbers them. */
  threads: string[];
  close(): Promise<void>;
}

async function open({ engine: options, capture }: Kind, streams: number): Promise<Party> {
  const known = new Set(threadsOfProcess());
  const engine = new WorkerMediaEngine({ ...options, workers: 1 });
  const ports: MediaPort[] = [];
  for (let index = 0; index < streams; index++) ports.push(await engine.reserve(RANGE));
  const threads = threadsOfProcess().filter((thread) => !known.has(thread));
  const changes = capture ? { capture } : {};
  const sessions = ports.map((port, index) => port.open(parameters(ports[index ^ 1].rtpPort, changes)));
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

/** Prints the CPU per packet sent and received, microseconds, of each kind, in the order in which the workers start. */
async function measure(kinds: ReadonlyMap<string, Kind>, streams: number, seconds: number): Promise<void> {
  // The threads of libuv are no worker's.
  saturatePool()();
  const parties = new Map<string, Party>();
  for (const [name, kind] of kinds) parties.set(name, await open(kind, streams));
  await loadMain('idle', WARM_UP_MS);
  const before = new Map<string, { us: number; packets: number }>();
  for (const [name, party] of parties) before.set(name, { packets: await sent(party), us: cpuUs(party) });
  await loadMain('idle', seconds * 1000);
  const figures: Record<string, number> = {};
  for (const [name, party] of parties) {
    const began = before.get(name) ?? { us: 0, packets: 0 };
    const us = cpuUs(party) - began.us;
    figures[name] = us / ((await sent(party)) - began.packets);
  }
  await Promise.all([...parties.values()].map((party) => party.close()));
  console.log(JSON.stringify(figures));
}

/** One comparison: the kinds by their names, the first of which the others are compared with. */
export interface Comparison {
  kinds: Readonly<Record<string, Kind>>;
  /** File of the program that calls `sideBySide`. */
  program: string;
  /** Streams, seconds of a round, and rounds, unless the command line says otherwise. */
  defaults: readonly [streams: number, seconds: number, rounds: number];
}

/** Ratios of each kind to the first, of all rounds. */
export interface Ratios {
  streams: number;
  rounds: number;
  ratios: Record<string, number[]>;
}

/**
 * Runs the rounds that the command line asks for (`[streams] [seconds] [rounds]`), in a process each. Returns nothing
 * when the program is the process of a round itself.
 */
export async function sideBySide({ kinds, program, defaults }: Comparison): Promise<Ratios | undefined> {
  const words = process.argv.slice(2);
  const names = Object.keys(kinds);
  if (words[0] === 'one') {
    const order = words[1].split(',').map((name): [string, Kind] => [name, kinds[name]]);
    await measure(new Map(order), Number(words[2]), Number(words[3]));
    return undefined;
  }
  const [streams, seconds, rounds] = defaults.map((value, index) => Number(words[index] ?? value));
  const [first, ...others] = names;
  const ratios: Record<string, number[]> = Object.fromEntries(others.map((name) => [name, []]));
  for (let number = 0; number < rounds; number++) {
    const order = names.map((_, index) => names[(index + number) % names.length]);
    const args = [...process.execArgv, program, 'one', order.join(), String(streams), String(seconds)];
    const figures = roundOf(args);
    for (const name of others) ratios[name].push(figures[name] / figures[first]);
    const shown = names.map((name) => `${name} ${figures[name].toFixed(2)} µs`);
    console.log(`round ${number + 1}: ${shown.join(', ')}`);
  }
  return { streams, rounds, ratios };
}

function roundOf(args: string[]): Record<string, number> {
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const line = stdout.trim().split('\n').at(-1);
  if (!line?.startsWith('{')) throw new Error(stderr || stdout);
  return JSON.parse(line) as Record<string, number>;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
