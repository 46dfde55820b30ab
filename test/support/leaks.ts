import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Kinds of libuv resources that a finished test must not leave behind. */
const WATCHED = ['UDPWrap', 'TCPSocketWrap', 'TCPServerWrap', 'Timeout', 'MessagePort', 'Worker', 'TLSWrap'];
/** Much longer than `fetch` keeps a connection that it might use again: four seconds. */
const PATIENCE_MS = 15_000;

interface Snapshot {
  resources: Map<string, number>;
  files: number;
}

let baseline: Snapshot = snapshot();

/** Takes the baseline of open resources; a suite that keeps a server open takes a new one after opening it. */
export function takeBaseline(): void {
  baseline = snapshot();
}

/**
 * Fails when more sockets, timers, workers or regular files are open than at the baseline. Closing is
 * asynchronous in libuv, so it looks again until the count is right or its patience ends.
 */
export async function assertNoLeaks(): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  let extra = difference(baseline, snapshot());
  while (extra.length > 0 && performance.now() < until) {
    await delay(10);
    extra = difference(baseline, snapshot());
  }
  if (extra.length > 0) throw new Error(`left open after the test: ${extra.join(', ')}`);
}

function snapshot(): Snapshot {
  const resources = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (WATCHED.includes(kind)) resources.set(kind, (resources.get(kind) ?? 0) + 1);
  }
  return { resources, files: openFiles() };
}

function difference(before: Snapshot, after: Snapshot): string[] {
  const extra: string[] = [];
  for (const [kind, count] of after.resources) {
    const more = count - (before.resources.get(kind) ?? 0);
    if (more > 0) extra.push(`${more} × ${kind}`);
  }
  if (after.files > before.files) extra.push(`${after.files - before.files} × open file`);
  return extra;
}

/** Regular files of this process; 0 where the system does not tell (only Linux does). */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').filter((fd) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`);
        return (
          target.startsWith('/') &&
          !target.startsWith('/dev/') &&
          !/\.(ts|js|mjs|cjs|json|node)$/.test(target)
        );
      } catch {
        return false;
      }
    }).length;
  } catch {
    return 0;
  }
}
