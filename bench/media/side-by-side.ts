/**
 * Compares kinds of calls by the CPU that a packet takes. All kinds work at the same time, each in a worker whose threads
 * the kernel times, so that what the machine does meanwhile hits them alike. From window to window the workers take turns
 * with the kinds, and the calls are new ones: how the code of a worker was compiled is the luck of every kind, and where
 * the memory of a call lies is drawn again.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { WorkerMediaEngine, type MediaEngineOptions } from '../../lib/media/engine';
import type { MediaParameters, MediaPort, MediaSession } from '../../lib/media';
import { loadMain, parameters, RANGE, saturatePool } from './streams';

/** Of each window that is not measured, until every worker has compiled the code of every kind. */
const WARM_UP_MS = 1500;
/** From the first packet of a call until its jitter buffer has settled. */
const SETTLE_MS = 700;
/** Turns of a process; each is a window for every kind and worker. */
const TURNS = 4;

/** A kind of calls: their engine and parameters. */
export interface Kind {
  engine?: MediaEngineOptions;
  capture?: MediaParameters['capture'];
}

type Kinds = Readonly<Record<string, Kind>>;

/** A media worker, and its threads as the kernel numbers them. */
interface Worker {
  engine: WorkerMediaEngine;
  threads: readonly string[];
}

/** CPU of each kind for a packet sent and received, microseconds, by its name. */
type Figures = Record<string, number>;

/** The workers of one place; kinds that need an engine of their own have one there. */
class Place {
  readonly #workers = new Map<string, Worker>();

  async worker({ engine: options = {} }: Kind): Promise<Worker> {
    const key = JSON.stringify(options);
    const known = this.#workers.get(key);
    if (known) return known;
    const before = new Set(threadsOfProcess());
    const engine = new WorkerMediaEngine({ ...options, workers: 1 });
    // Its threads start with the first port.
    await (await engine.reserve(RANGE)).release();
    const worker = { engine, threads: threadsOfProcess().filter((thread) => !before.has(thread)) };
    this.#workers.set(key, worker);
    return worker;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.values()].map(({ engine }) => engine.close()));
  }
}

/** The calls of one kind in a window, which talk to each other in pairs. */
class Party {
  #usBefore = 0;
  #packetsBefore = 0;

  private constructor(
    private readonly worker: Worker,
    private readonly sessions: readonly MediaSession[],
  ) {}

  static async open(worker: Worker, { capture }: Kind, streams: number): Promise<Party> {
    const ports: MediaPort[] = [];
    for (let index = 0; index < streams; index++) ports.push(await worker.engine.reserve(RANGE));
    const changes = capture ? { capture } : {};
    return new Party(
      worker,
      ports.map((port, index) => port.open(parameters(ports[index ^ 1].rtpPort, changes))),
    );
  }

  async begin(): Promise<void> {
    this.#packetsBefore = await this.#sent();
    this.#usBefore = this.#cpuUs();
  }

  /** Microseconds of CPU for a packet sent and received since `begin`. */
  async usPerPacket(): Promise<number> {
    const us = this.#cpuUs() - this.#usBefore;
    return us / ((await this.#sent()) - this.#packetsBefore);
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.close()));
  }

  #cpuUs(): number {
    const times = this.worker.threads.map((thread) => {
      return Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    });
    return times.reduce((sum, time) => sum + time, 0) / 1000;
  }

  async #sent(): Promise<number> {
    const figures = await Promise.all(this.sessions.map((session) => session.statistics()));
    return figures.reduce((sum, figure) => sum + figure.sent.packets, 0);
  }
}

function threadsOfProcess(): string[] {
  return readdirSync('/proc/self/task');
}

/** One window: each kind in the worker of its place. */
async function measure(
  placed: readonly { name: string; kind: Kind; place: Place }[],
  streams: number,
  ms: { settle: number; measured: number },
): Promise<Figures> {
  const parties = new Map<string, Party>();
  for (const { name, kind, place } of placed) {
    parties.set(name, await Party.open(await place.worker(kind), kind, streams));
  }
  await loadMain('idle', ms.settle);
  for (const party of parties.values()) await party.begin();
  await loadMain('idle', ms.measured);
  const figures: Figures = {};
  for (const [name, party] of parties) figures[name] = await party.usPerPacket();
  await Promise.all([...parties.values()].map((party) => party.close()));
  return figures;
}

/** The turns of one process, printed as JSON: the geometric mean of each kind over the windows of a turn. */
async function runProcess(kinds: Kinds, streams: number, seconds: number): Promise<void> {
  // The threads of libuv are no worker's.
  saturatePool()();
  const names = Object.keys(kinds);
  const places = names.map(() => new Place());
  const turn = async (ms: { settle: number; measured: number }): Promise<Figures> => {
    const windows: Figures[] = [];
    for (const shift of names.keys()) {
      const placed = places.map((place, index) => {
        const name = names[(index + shift) % names.length];
        return { name, kind: kinds[name], place };
      });
      windows.push(await measure(placed, streams, ms));
    }
    return Object.fromEntries(names.map((name) => [name, geometricMean(windows.map((each) => each[name]))]));
  };
  await turn({ settle: WARM_UP_MS, measured: 0 });
  const turns: Figures[] = [];
  for (let count = 0; count < TURNS; count++) {
    turns.push(await turn({ settle: SETTLE_MS, measured: seconds * 1000 }));
  }
  await Promise.all(places.map((place) => place.close()));
  console.log(JSON.stringify(turns));
}

/** One comparison: the kinds by their names, the first of which the others are compared with. */
export interface Comparison {
  kinds: Kinds;
  /** File of the program that calls `sideBySide`. */
  program: string;
  /** Streams of each kind, seconds of a window, and processes, unless the command line says otherwise. */
  defaults: readonly [streams: number, seconds: number, processes: number];
}

/** Ratio of a kind to the first: the median of all turns, and the range that holds it in 95 of 100 such runs. */
export interface Ratio {
  median: number;
  low: number;
  high: number;
  turns: number[];
}

export interface Ratios {
  streams: number;
  seconds: number;
  processes: number;
  ratios: Record<string, Ratio>;
}

/**
 * Runs the processes that the command line asks for (`[streams] [seconds] [processes]`). Returns nothing when the program
 * is one of them itself.
 */
export async function sideBySide({ kinds, program, defaults }: Comparison): Promise<Ratios | undefined> {
  const words = process.argv.slice(2);
  if (words[0] === 'one') {
    await runProcess(kinds, Number(words[1]), Number(words[2]));
    return undefined;
  }
  const [streams, seconds, processes] = defaults.map((value, index) => Number(words[index] ?? value));
  const [first, ...others] = Object.keys(kinds);
  const turns: Figures[] = [];
  for (let number = 1; number <= processes; number++) {
    const args = [...process.execArgv, program, 'one', String(streams), String(seconds)];
    for (const figures of figuresOf(args)) {
      turns.push(figures);
      const shown = others.map((name) => `${name} ${(figures[name] / figures[first]).toFixed(3)}`);
      console.log(`process ${number}: ${first} ${figures[first].toFixed(2)} µs, × ${shown.join(', ')}`);
    }
  }
  const ratios = others.map((name): [string, Ratio] => {
    return [name, ratioOf(turns.map((figures) => figures[name] / figures[first]))];
  });
  return { streams, seconds, processes, ratios: Object.fromEntries(ratios) };
}

function figuresOf(args: string[]): Figures[] {
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const line = stdout.trim().split('\n').at(-1);
  if (!line?.startsWith('[')) throw new Error(stderr || stdout);
  return JSON.parse(line) as Figures[];
}

/** By the ranks of the turns (sign test), which asks nothing of how they are distributed. */
function ratioOf(turns: number[]): Ratio {
  const sorted = turns.toSorted((a, b) => a - b);
  const rank = Math.max(0, Math.floor((turns.length - 1.96 * Math.sqrt(turns.length)) / 2));
  return { median: median(turns), low: sorted[rank], high: sorted[turns.length - 1 - rank], turns };
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
