/**
 * `npm run bench:testing [-- --rounds 20]`: what a test costs beyond its call. The same call between two simulated phones,
 * without audio, is made alone and as an attempt with five steps and two checks, in turns, so that the machine treats
 * both alike. Prints one JSON object as its last line: CPU of one call, what the attempt adds to it, the ratio of both,
 * and the memory that a verdict keeps beyond the evidence of its calls.
 */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { OutgoingCall, Phone } from '../../lib/calls';
import type { TestAttempt, TestCase, Verdict } from '../../lib/testing';
import { createNullMediaEngine, createWorld, runChecks, Tests } from './built-library';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const ROUNDS = Number(values.rounds);
const CALLS = 200;

const NODE = { id: 'n1', name: 'Extension', type: 'sip-make-call' };
const CHECKS = [
  { subject: 'answered', operator: 'is', value: true },
  { subject: 'codec', operator: 'is', value: 'PCMU' },
];

const world = createWorld({ engine: createNullMediaEngine() });
const tests = new Tests();

async function phone(number: string): Promise<Phone> {
  const made = world.phone({ number, audioDir: tmpdir(), recordingsDir: tmpdir() });
  await made.start();
  return made;
}

/** One call, from the INVITE to the end on both sides. */
async function call(dialled: Promise<OutgoingCall>): Promise<OutgoingCall> {
  const made = await dialled;
  await made.outcome;
  return made;
}

function step(attempt: TestAttempt, outcome: string): void {
  attempt.beginStep(NODE).finish({ outcome, output: 0 });
}

function caseOf(phones: Phone[]): TestCase {
  const act = async (attempt: TestAttempt): Promise<void> => {
    step(attempt, 'start');
    const made = await call(attempt.dial(phones[0], { target: '1002' }));
    step(attempt, 'answered');
    const checks = await runChecks(CHECKS, { calls: world.calls, call: made.ref, node: NODE, attempt });
    attempt.addChecks(checks, { stop: true });
    step(attempt, 'passed');
    await made.hangup();
    step(attempt, 'done');
    const last = attempt.beginStep(NODE);
    attempt.end({ result: 'checks', node: NODE });
    last.finish({ outcome: 'end' });
  };
  return {
    id: 'extension',
    title: 'Extension 1002 answers',
    tags: [],
    node: NODE,
    timeout: 10,
    retries: 0,
    rowsAtOnce: 1,
    sharedPhones: false,
    marks: true,
    phones: () => phones,
    start: (test) => {
      const attempt = tests.attemptOf({ test });
      if (attempt) act(attempt).catch((error: unknown) => attempt.uncaught(error));
    },
  };
}

/** CPU of this process in milliseconds for each of `CALLS` turns. */
async function cpuOf(turn: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < CALLS; n++) await turn();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / CALLS;
}

/** Bytes in the heap that are free once nobody keeps what was made, for each of it. */
async function bytesOf(make: () => Promise<unknown>): Promise<number> {
  const made: unknown[] = [];
  for (let n = 0; n < CALLS; n++) made.push(await make());
  collect();
  const kept = process.memoryUsage().heapUsed;
  made.length = 0;
  collect();
  return Math.round((kept - process.memoryUsage().heapUsed) / CALLS);
}

function collect(): void {
  if (!globalThis.gc) throw new Error('Start it with --expose-gc, as npm run bench:testing does.');
  for (let n = 0; n < 3; n++) globalThis.gc();
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

async function main(): Promise<void> {
  const phones = await Promise.all(['1001', '1002'].map(phone));
  phones[1].onCall((incoming) => void incoming.answer());
  const testCase = caseOf(phones);
  const alone = async (): Promise<void> => {
    const made = await call(phones[0].dial('1002'));
    await made.hangup();
  };
  /** The evidence of both sides, as an attempt gathers it. */
  const evidence = async (): Promise<unknown> => {
    const made = await call(phones[0].dial('1002'));
    const sides = [made, ...phones[1].calls];
    await made.hangup();
    return Promise.all(
      sides.map(async (side) => ({ ref: side.ref, info: await side.info(), messages: side.trace() })),
    );
  };
  const verdict = async (): Promise<Verdict> => {
    const [made] = await tests.run(testCase).finished;
    if (made.status !== 'passed') throw new Error(`The test has failed: ${made.reason?.message}`);
    tests.results.clear();
    return made;
  };
  const asTest = async (): Promise<void> => void (await verdict());
  const withEvidence = async (): Promise<void> => void (await evidence());

  for (const warm of [alone, withEvidence, asTest]) for (let n = 0; n < 3; n++) await cpuOf(warm);
  const figures: { call: number; evidence: number; test: number }[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    figures.push({
      call: await cpuOf(alone),
      evidence: await cpuOf(withEvidence),
      test: await cpuOf(asTest),
    });
    const { call: one, evidence: two, test } = figures[n];
    console.log(`call ${round(one)} ms, with its evidence ${round(two)} ms, as a test ${round(test)} ms`);
  }
  const keptByEvidence = await bytesOf(evidence);
  const keptByVerdict = await bytesOf(verdict);
  await world.close();
  const callMs = median(figures.map((each) => each.call));
  const addedMs = median(figures.map((each) => each.test - each.call));
  console.log(
    JSON.stringify({
      callMs: round(callMs),
      addedMs: round(addedMs),
      ofItEvidenceMs: round(median(figures.map((each) => each.evidence - each.call))),
      ratio: round((callMs + addedMs) / callMs),
      bytesPerVerdict: keptByVerdict,
      addedBytes: keptByVerdict - keptByEvidence,
    }),
  );
}

void main();
