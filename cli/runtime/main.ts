/** Program of the process that runs the flows of one file in Node-RED; `sipflow test` starts it and gives the orders. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadSlice } from '../../lib/load';
import { processTests } from '../../lib/testing';
import { describeCases, nodeCases, phonesStarted, sentenceOf } from './cases';
import { endWithParent } from './end-with-parent';
import { lacksOf } from './lacks';
import { putLoad } from './load';
import { NodeRed, NodeRedRefusal } from './node-red';
import {
  ALIVE_EVERY_MS,
  type CaseOptions,
  type Event,
  type LoadJob,
  type Order,
  type RuntimeJob,
} from './protocol';
import { keepOrDelete } from './recordings';

const abort = new AbortController();
let nodeRed: NodeRed | undefined;
let record: CaseOptions['record'] = 'off';
/** Begins the load that waits for it. */
let begin: ((atMs: number | undefined) => void) | undefined;
/** Slices of a load that cannot take them yet. */
let slices: LoadSlice[] = [];
let grant = (slice: LoadSlice): void => void slices.push(slice);

// Ctrl-C reaches every process of the terminal; this one is told by its parent what to do then.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
endWithParent();
const alive = setInterval(() => tell({ kind: 'alive' }), ALIVE_EVERY_MS);
process.on('message', (order: Order) => void obey(order));
process.on('disconnect', () => {
  abort.abort();
  void end();
});
processTests.on('begun', (test) => tell({ kind: 'started', test }));
processTests.on('step', (test, { node, outcome }) => tell({ kind: 'step', test, step: { node, outcome } }));
processTests.on('attempt', (attempt) => {
  keepOrDelete(attempt, record);
  tell({ kind: 'attempt', attempt });
});
processTests.on('verdict', (verdict) => tell({ kind: 'verdict', verdict }));

async function obey(order: Order): Promise<void> {
  if (order.kind === 'start') await start(order.job);
  else if (order.kind === 'run') await runCase(order.case, order.options);
  else if (order.kind === 'load') await load(order.case, order.job);
  else if (order.kind === 'go') begin?.(order.atMs);
  else if (order.kind === 'slice') grant(order.slice);
  else if (order.kind === 'abort') abort.abort();
  else await end();
}

async function start(job: RuntimeJob): Promise<void> {
  // Processes that share a load would all say the same.
  if (job.share?.index === 0) process.on('warning', noticeOf);
  try {
    const lacks = job.needs ? await lacksOf(job.needs) : [];
    if (lacks.length > 0) {
      throw new NodeRedRefusal(`This machine lacks what the run needs. ${lacks.join(' ')}`);
    }
    nodeRed = new NodeRed(job);
    await nodeRed.start();
    const cases = await describeCases();
    await phonesStarted(nodeRed, cases);
    tell({ kind: 'ready', cases });
  } catch (error) {
    const isRefusal = error instanceof NodeRedRefusal;
    if (!isRefusal) console.error(error);
    tell({
      kind: 'refused',
      sentence: isRefusal ? error.message : `Node-RED cannot start: ${sentenceOf(error)}`,
    });
  }
}

/** Tells that RTP goes another way than a load wants. */
function noticeOf({ name, message }: Error): void {
  if (name === 'SipflowDatagrams') tell({ kind: 'notice', sentence: message });
}

async function runCase(id: string, options: CaseOptions): Promise<void> {
  const { retries, timeout, failFast } = options;
  const rows = new Set(options.rows);
  record = options.record;
  const { pcap, outputFolder } = nodeRed?.job ?? {};
  const saves = outputFolder !== undefined && pcap !== 'off';
  processTests.settings = {
    ...(saves && { captures: { folder: join(outputFolder, 'pcap'), when: pcap ?? 'on' } }),
    ...(retries !== undefined && { retries }),
    ...(timeout !== undefined && { timeout }),
    record: record !== 'off',
  };
  try {
    const one = nodeCases().find((testCase) => testCase.id === id);
    await one?.trigger?.({ only: (row) => rows.has(row ?? null), failFast, signal: abort.signal });
    tell({ kind: 'ended' });
  } catch (error) {
    tell({ kind: 'ended', sentence: sentenceOf(error) });
  }
}

async function load(id: string, job: LoadJob): Promise<void> {
  const started = new Promise<number | undefined>((resolve) => (begin = resolve));
  try {
    const one = nodeCases().find((testCase) => testCase.id === id);
    const granting = (take: (slice: LoadSlice) => void): void => {
      grant = take;
      for (const slice of slices) grant(slice);
      slices = [];
    };
    if (one) await putLoad(one, job, { signal: abort.signal, started, granting, tell });
  } catch (error) {
    tell({ kind: 'ended', sentence: sentenceOf(error) });
  }
}

/** Ends the calls and the process; the parent kills it when that takes too long. */
async function end(): Promise<void> {
  clearInterval(alive);
  await nodeRed?.stop().catch((error: unknown) => console.error(error));
  // Otherwise the parent does it.
  if (!process.connected && nodeRed) rmSync(nodeRed.job.userDir, { recursive: true, force: true });
  // A node of the flow may keep something open; nothing of it is needed any more.
  process.exit();
}

function tell(event: Event): void {
  if (process.connected) process.send?.(event);
}
