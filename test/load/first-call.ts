/**
 * Example 01 under load, in a Node-RED inside this process: 200 calls ten at a time, then 50 at once.
 * Every call must be `ok` with its digits exact and a recording of its own; afterwards descriptors, sockets,
 * timers and heap must be back. Prints progress, then one JSON object as its last line; exits 1 on a failure.
 *
 *   npm run test:load
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import express from 'express';
import RED from 'node-red';

const ROOT = resolve(__dirname, '../..');
const PACKAGE = '@sipflow/node-red-sipflow';
/** Calls that come before the first look, so that caches and workers are warm. */
const WARM_UP = 10;
const HEAP_TOLERANCE_MB = 15;
/** SIP transactions remember a finished exchange for 64·T1 = 32 s (RFC 3261, 17); their timers are no leak before. */
const TRANSACTION_MEMORY_MS = 34_000;

interface CallResult {
  ok: boolean;
  digits?: string;
  recording?: string;
  recordingMs?: number;
  callMs?: number;
}

interface Snapshot {
  descriptors: number;
  udpSockets: number;
  timers: number;
  heapMb: number;
}

void main();

async function main(): Promise<void> {
  const userDir = mkdtempSync(join(tmpdir(), 'sipflow-load-'));
  const server = await startNodeRed(userDir);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/demo/call`;
  const problems: string[] = [];
  try {
    await callMany(url, WARM_UP, WARM_UP, problems);
    const before = await quietSnapshot();
    const tenAtATime = await timed(() => callMany(url, 200, 10, problems));
    const fiftyAtOnce = await timed(() => callMany(url, 50, 50, problems));
    const after = await quietSnapshot();
    problems.push(...leaks(before, after));
    const report = {
      ok: problems.length === 0,
      tenAtATime,
      fiftyAtOnce,
      before,
      after,
      problems: problems.slice(0, 10),
    };
    console.log(JSON.stringify(report));
  } finally {
    await RED.stop();
    server.closeAllConnections();
    server.close();
    rmSync(userDir, { recursive: true, force: true });
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
}

/** Node-RED with the built package linked in and example 01 as its flow. */
async function startNodeRed(userDir: string): Promise<Server> {
  const scope = join(userDir, 'node_modules', '@sipflow');
  mkdirSync(scope, { recursive: true });
  symlinkSync(ROOT, join(userDir, 'node_modules', PACKAGE), 'junction');
  cpSync(join(ROOT, 'examples', '01 - First call.json'), join(userDir, 'flows.json'));
  const app = express();
  const server = createServer(app);
  RED.init(server, {
    userDir,
    flowFile: 'flows.json',
    httpAdminRoot: false,
    httpNodeRoot: '/',
    uiHost: '127.0.0.1',
    uiPort: 0,
    credentialSecret: false,
    logging: { console: { level: 'warn', metrics: false, audit: false } },
  });
  app.use(RED.httpNode);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const started = new Promise<void>((running) => RED.events.once('flows:started', () => running()));
  await RED.start();
  await started;
  return server;
}

async function callMany(url: string, count: number, atOnce: number, problems: string[]): Promise<void> {
  let next = 0;
  const recordings = new Set<string>();
  const caller = async (): Promise<void> => {
    while (next < count) {
      const digits = String(1000 + next++);
      const result = await call(url, digits);
      if (!result.ok || result.digits !== digits) problems.push(`${digits}: ${JSON.stringify(result)}`);
      if (result.recording) recordings.add(result.recording);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  if (recordings.size !== count) problems.push(`${recordings.size} recordings of ${count} calls`);
  console.log(`${count} calls, ${atOnce} at once, ${problems.length} problems so far`);
}

async function call(url: string, digits: string): Promise<CallResult> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Connection: 'close' },
    body: JSON.stringify({ to: '1002', digits: `${digits}#` }),
  });
  return (await response.json()) as CallResult;
}

async function timed(work: () => Promise<void>): Promise<{ seconds: number }> {
  const start = performance.now();
  await work();
  return { seconds: Math.round((performance.now() - start) / 100) / 10 };
}

/** A look at what is open once the signalling has forgotten the calls. */
async function quietSnapshot(): Promise<Snapshot> {
  await delay(TRANSACTION_MEMORY_MS);
  return snapshot();
}

function snapshot(): Snapshot {
  globalThis.gc?.();
  const resources = process.getActiveResourcesInfo();
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    udpSockets: resources.filter((kind) => kind === 'UDPWRAP').length,
    timers: resources.filter((kind) => kind === 'Timeout').length,
    heapMb: Math.round((process.memoryUsage().heapUsed / 1048576) * 10) / 10,
  };
}

function leaks(before: Snapshot, after: Snapshot): string[] {
  const grown = (['descriptors', 'udpSockets', 'timers'] as const).filter(
    (what) => after[what] > before[what],
  );
  const found = grown.map((what) => `${what} grew from ${before[what]} to ${after[what]}`);
  if (after.heapMb > before.heapMb + HEAP_TOLERANCE_MB) {
    found.push(`heap grew from ${before.heapMb} to ${after.heapMb} MB`);
  }
  return found;
}
