import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { GeneratorHealth } from '../health';
import { dropsByInode, fullSocketDrops, processorTicks, throttledUs } from './proc-text';

/** The system's files, as far as the watch reads them; all of them may be missing. */
export interface SystemFiles {
  read(path: string): string | undefined;
  /** Inodes of the sockets of this process. */
  socketInodes(): Set<string>;
}

/** What the media of the phones say of themselves. */
export interface MediaCounts {
  skippedDeadlines: number;
  /** Deadlines by how late they were kept: upper limits of the classes in milliseconds; one more count than limits. */
  lag: { boundsMs: readonly number[]; counts: readonly number[] };
}

/** Where the control group of a process has its `cpu.stat`: in a container, and in version 1. */
const CPU_STATS = ['/sys/fs/cgroup/cpu.stat', '/sys/fs/cgroup/cpu/cpu.stat'];
const SNMP = ['/proc/net/snmp', '/proc/net/snmp6'];
const UDP = ['/proc/net/udp', '/proc/net/udp6'];
const LATE_QUANTILE = 0.99;
const LOOK_EVERY = 5;

/**
 * Reads how the generator of a load is: how busy its event loop was, and what Linux tells of its processor and its sockets.
 * Each figure is that since the reading before. Elsewhere than on Linux only the event loop and the media are known.
 */
export class GeneratorWatch {
  readonly #files: SystemFiles;
  #loop = performance.eventLoopUtilization();
  #media: MediaCounts | undefined;
  #throttledUs: number | undefined;
  #ticks: { all: number; stolen: number } | undefined;
  #machineDrops: number;
  /** Drops of our sockets that are counted already, by inode. */
  #known: Map<string, number>;
  /** Sockets with drops, by inode, and whether they are ours. */
  #owners = new Map<string, boolean>();
  #reads = 0;

  /** @param lookEvery readings of which one looks at the sockets: it takes milliseconds where there are thousands */
  constructor(
    files: SystemFiles = systemFiles,
    private readonly lookEvery = LOOK_EVERY,
  ) {
    this.#files = files;
    this.#throttledUs = this.#throttled();
    this.#ticks = this.#processorTicks();
    this.#machineDrops = this.#dropsOfMachine();
    this.#known = this.#ownDrops();
  }

  /**
   * The figures since the reading before; drops since the sockets were last looked at.
   *
   * @param isLast the sockets are looked at in any case
   */
  read(media?: MediaCounts, isLast = false): GeneratorHealth {
    const health: GeneratorHealth = {};
    const loop = performance.eventLoopUtilization();
    health.loopBusy = performance.eventLoopUtilization(loop, this.#loop).utilization;
    this.#loop = loop;
    if (media) {
      Object.assign(health, mediaHealth(media, this.#media ?? media));
      this.#media = media;
    }
    const throttled = this.#throttled();
    if (throttled !== undefined) health.throttledMs = (throttled - (this.#throttledUs ?? throttled)) / 1000;
    this.#throttledUs = throttled;
    const ticks = this.#processorTicks();
    if (ticks && this.#ticks && ticks.all > this.#ticks.all) {
      health.stolenShare = (ticks.stolen - this.#ticks.stolen) / (ticks.all - this.#ticks.all);
    }
    this.#ticks = ticks;
    this.#reads += 1;
    health.droppedDatagrams = isLast || this.#reads % this.lookEvery === 0 ? this.#newDrops() : 0;
    return health;
  }

  #throttled(): number | undefined {
    return CPU_STATS.map((path) => throttledUs(this.#files.read(path) ?? '')).find((us) => us !== undefined);
  }

  #processorTicks(): { all: number; stolen: number } | undefined {
    return processorTicks(this.#files.read('/proc/stat') ?? '');
  }

  #dropsOfMachine(): number {
    return SNMP.reduce((sum, path) => sum + (fullSocketDrops(this.#files.read(path) ?? '') ?? 0), 0);
  }

  /** The table of all sockets is long: it is read only when somebody's socket was full. */
  #newDrops(): number {
    const machineDrops = this.#dropsOfMachine();
    if (machineDrops === this.#machineDrops) return 0;
    this.#machineDrops = machineDrops;
    let fresh = 0;
    for (const [inode, drops] of this.#ownDrops()) {
      fresh += drops - (this.#known.get(inode) ?? 0);
      this.#known.set(inode, drops);
    }
    return fresh;
  }

  #ownDrops(): Map<string, number> {
    const all = UDP.flatMap((path) => [...dropsByInode(this.#files.read(path) ?? '')]);
    // Whose a socket is does not change, and to look at all descriptors takes long.
    const own = all.every(([inode]) => this.#owners.has(inode)) ? undefined : this.#files.socketInodes();
    this.#owners = new Map(
      all.map(([inode]) => [inode, this.#owners.get(inode) ?? own?.has(inode) ?? false]),
    );
    return new Map(all.filter(([inode]) => this.#owners.get(inode)));
  }
}

/** How the media have kept their deadlines since the counts before. */
function mediaHealth(
  { skippedDeadlines, lag: { boundsMs, counts } }: MediaCounts,
  before: MediaCounts,
): Pick<GeneratorHealth, 'skippedDeadlines' | 'deadlines' | 'mediaLateP99Ms'> {
  const skipped = skippedDeadlines - before.skippedDeadlines;
  const kept = counts.map((count, index) => count - before.lag.counts[index]);
  const all = skipped + kept.reduce((sum, count) => sum + count, 0);
  const health = { skippedDeadlines: skipped, deadlines: all };
  if (all === 0) return health;
  let within = 0;
  const place = kept.findIndex((count) => (within += count) >= LATE_QUANTILE * all);
  // What is later than every class, or was skipped, is as late as the last limit at least.
  return { ...health, mediaLateP99Ms: boundsMs[place] ?? boundsMs[boundsMs.length - 1] };
}

/** Of the machine that this runs on. */
export const systemFiles: SystemFiles = {
  read: (path) => {
    try {
      return readFileSync(path, 'latin1');
    } catch {
      return undefined;
    }
  },
  socketInodes: () => {
    const inodes = new Set<string>();
    try {
      for (const name of readdirSync('/proc/self/fd')) {
        const inode = inodeOf(name);
        if (inode !== undefined) inodes.add(inode);
      }
    } catch {
      // Not on Linux.
    }
    return inodes;
  },
};

/** A descriptor may be closed while the others are looked at. */
function inodeOf(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1];
  } catch {
    return undefined;
  }
}
