import { fork, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNullMediaEngine, createWorld, type Phone } from '../../lib/calls';
import { parseStages, runLoad, type LoadReport } from '../../lib/load';
import { Tests, type TestCase } from '../../lib/testing';
import { seededRandom } from '../../test/support/random';
import type { CalleeMode } from './callee';

const NODE = { id: 'n1', name: 'A call', type: 'sip-test-case' };
/** Seconds that a case may take. */
const TIMEOUT = 2;

/** What limits a generator: a main thread that is kept busy, few calls at once, or few ports. */
type Hobble =
  | { kind: 'busy'; ms: number; everyMs: number }
  | { kind: 'few-calls'; calls: number; holdMs: number }
  | { kind: 'few-ports'; pairs: number; holdMs: number };

interface Trial {
  rate: number;
  hobble?: Hobble;
  callee: CalleeMode;
}

/** Whether verdicts name the side that was the limit, in seeded trials of which half hobble the generator. */
export async function judgeVerdicts(trials: number, seed: number): Promise<{ right: number; of: number }> {
  const callee = await Callee.start();
  const random = seededRandom(seed);
  let right = 0;
  for (let index = 0; index < trials; index++) {
    const trial = index % 2 === 0 ? hobbledGenerator(random) : hobbledCallee(random);
    const report = await run(trial, callee);
    const [{ verdict, figures }] = report.stages;
    const isRight = (verdict.kind === 'generator-limited') === (trial.hobble !== undefined);
    if (isRight) right += 1;
    const { passed, failed, leftOut } = figures.counters;
    const found = `${verdict.kind} (${passed} passed, ${failed} failed, ${leftOut} left out) ${verdict.reasons.join(' ')}`;
    console.log(`trial ${index + 1} ${JSON.stringify(trial)}: ${isRight ? 'right' : 'WRONG'}, ${found}`);
  }
  callee.close();
  return { right, of: trials };
}

function hobbledGenerator(random: () => number): Trial {
  const between = (least: number, most: number): number => Math.round(least + random() * (most - least));
  const rate = between(20, 60);
  const hobbles: Hobble[] = [
    { kind: 'busy', ms: between(150, 400), everyMs: between(420, 600) },
    { kind: 'few-calls', calls: between(2, Math.floor(rate / 4)), holdMs: between(500, 900) },
    { kind: 'few-ports', pairs: between(2, Math.floor(rate / 4)), holdMs: between(500, 900) },
  ];
  return { rate, hobble: hobbles[Math.floor(random() * hobbles.length)], callee: { kind: 'sound' } };
}

function hobbledCallee(random: () => number): Trial {
  const between = (least: number, most: number): number => Math.round(least + random() * (most - least));
  const rate = between(20, 60);
  const modes: CalleeMode[] = [
    { kind: 'slow', ms: between(300, 1200) },
    { kind: 'refusing', perSecond: between(5, Math.floor(rate / 2)) },
    { kind: 'silent', share: 0.1 + 0.6 * random() },
  ];
  return { rate, callee: modes[Math.floor(random() * modes.length)] };
}

async function run({ rate, hobble, callee: mode }: Trial, callee: Callee): Promise<LoadReport> {
  await callee.is(mode);
  const world = createWorld({ engine: createNullMediaEngine() });
  const pairs = hobble?.kind === 'few-ports' ? hobble.pairs : 2000;
  const phone = world.phone({
    number: 'caller',
    mode: 'network',
    bindAddress: '127.0.0.1',
    port: 0,
    rtpPortMin: 20_000,
    rtpPortMax: 20_000 + 2 * pairs - 1,
    audioDir: tmpdir(),
  });
  await phone.start();
  const busy = hobble?.kind === 'busy' ? setInterval(() => block(hobble.ms), hobble.everyMs) : undefined;
  try {
    const tests = new Tests();
    const holdMs = hobble && 'holdMs' in hobble ? hobble.holdMs : 0;
    return await runLoad({
      tests,
      testCase: caseOf(tests, phone, callee.target, holdMs),
      plan: {
        stages: parseStages(`${rate}/s for 2s`),
        maxCalls: hobble?.kind === 'few-calls' ? hobble.calls : 1000,
        rowsOrder: 'sequential',
        seed: 1,
        thresholds: [],
        abortRules: [],
        probe: false,
        shard: { index: 0, count: 1 },
        graceSeconds: TIMEOUT + 1,
        sources: 1,
      },
    });
  } finally {
    clearInterval(busy);
    await world.close();
  }
}

function caseOf(tests: Tests, phone: Phone, target: string, holdMs: number): TestCase {
  const act = async (id: string): Promise<void> => {
    const attempt = tests.attemptOf({ test: { type: 'sip-test', id } });
    if (!attempt) return;
    try {
      const call = await attempt.dial(phone, { target });
      const { kind } = await call.outcome;
      if (holdMs > 0) await new Promise((resolve) => setTimeout(resolve, holdMs));
      await call.hangup();
      if (!attempt.over) attempt.end({ result: kind === 'answered' ? 'checks' : 'failed', node: NODE });
    } catch (error) {
      attempt.uncaught(error, NODE);
    }
  };
  return {
    id: 'call',
    title: 'A call',
    tags: [],
    node: NODE,
    timeout: TIMEOUT,
    retries: 0,
    rowsAtOnce: 1,
    sharedPhones: true,
    marks: false,
    phones: () => [phone],
    start: ({ id }) => void act(id),
  };
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** The callee's process. */
class Callee {
  private constructor(
    private readonly child: ChildProcess,
    readonly target: string,
  ) {}

  static async start(): Promise<Callee> {
    const child = fork(join(__dirname, 'callee.ts'), { execArgv: ['--import', 'tsx'] });
    const { port } = await new Promise<{ port: number }>((resolve) => child.once('message', resolve));
    return new Callee(child, `sip:callee@127.0.0.1:${port}`);
  }

  async is(mode: CalleeMode): Promise<void> {
    const ready = new Promise((resolve) => this.child.once('message', resolve));
    this.child.send(mode);
    await ready;
  }

  close(): void {
    this.child.kill();
  }
}
