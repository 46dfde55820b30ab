/**
 * Mutation test of the tester: `npm run test:mutation`. A system under test gets one fault per call; each has to turn the
 * test case red for the reason that is named for it, and calls without a fault have to stay green. `--short` makes fewer
 * of the latter.
 */
import { fork, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import type { Report, Verdict } from '../../lib/testing';
import { FAULTS } from './faults';
import { StallWatch, TEARING_MS } from '../support/stall-watch';
import { testerFlow, type Call } from './tester';

const ROOT = resolve(__dirname, '../..');
const DIST = join(ROOT, 'dist');
/** Rounds on a machine that stalls. */
const ROUNDS = 8;
const GOOD_CALLS = process.argv.includes('--short') ? 10 : 200;

/** Media workers of the system under test: those of the package, over sockets that harm RTP. Returns their folder. */
function badMedia(folder: string): string {
  const network = join(folder, 'bad-network.js');
  buildSync({
    entryPoints: [join(__dirname, 'bad-network.ts')],
    outfile: network,
    format: 'cjs',
    platform: 'node',
  });
  const entries = {
    'worker/main.js': `require(${JSON.stringify(network)}).harmRtp();\n`,
    'files/main.js': '',
  };
  for (const [name, before] of Object.entries(entries)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), `${before}require(${JSON.stringify(join(DIST, 'lib', name))});\n`);
  }
  return folder;
}

/** Why a verdict is not green: the subject of the check that failed first, else the code of its reason. */
function causeOf({ attempts, reason }: Verdict): string {
  const failed = attempts.at(-1)?.checks.find(({ ok }) => !ok);
  return failed?.what ?? reason?.code ?? 'nothing';
}

/** A call whose verdict is not as it should be. */
interface Missed {
  call: Call;
  why: string;
}

/** Calls that are not as they should be, and what was found instead. */
function missedOf(calls: readonly Call[], { verdicts }: Report): Missed[] {
  return calls.flatMap((call, index) => {
    const verdict = verdicts.find(({ row }) => row === index + 1);
    const got = verdict?.status === 'passed' ? 'passed' : verdict ? causeOf(verdict) : 'no verdict';
    const wanted = FAULTS[call.name]?.cause ?? 'passed';
    if (got === wanted) return [];
    return [{ call, why: `${call.name}: ${wanted} wanted, got ${got}: ${verdict?.reason?.message ?? ''}` }];
  });
}

/** Tests the calls by `sipflow test`. Resolves with its exit code and report. */
async function test(calls: readonly Call[], folder: string): Promise<{ code: number; report: Report }> {
  writeFileSync(join(folder, 'flow.json'), JSON.stringify(testerFlow(calls)));
  const command = spawn(
    process.execPath,
    [join(DIST, 'cli/main.js'), 'test', 'flow.json', '--reporter', 'json'],
    { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const [code] = (await once(command, 'close')) as [number];
  const text = readFileSync(join(folder, 'sipflow-results/report.json'), 'utf8');
  return { code, report: JSON.parse(text) as Report };
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-mutation-'));
  const watch = new StallWatch();
  const system = fork(join(__dirname, 'system.ts'), [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, SIPFLOW_BUILT_MEDIA: badMedia(join(folder, 'media')) },
  });
  try {
    const [ports] = (await once(system, 'message')) as [Record<string, number>];
    const call = (name: string): Call => ({ name, to: `sip:${name}@127.0.0.1:${ports[name]}` });
    const all = [...Object.keys(FAULTS), ...Array.from({ length: GOOD_CALLS }, () => 'good')].map(call);
    await watch.started;
    await judge(all, folder, watch);
  } finally {
    system.disconnect();
    await watch.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Tests all calls, and those that are not as they should be once more when the machine stalled meanwhile: it tears the
 * audio of both sides, and the tester is right to say so. A failure without a stall is final, and so is the last round.
 */
async function judge(all: readonly Call[], folder: string, watch: StallWatch): Promise<void> {
  let isRight = true;
  let calls = all;
  let again = 0;
  for (let round = 1; ; round++) {
    watch.reset();
    const { code, report } = await test(calls, folder);
    isRight &&= code === (report.verdicts.some(({ status }) => status === 'failed') ? 1 : 0);
    const { stalledMs } = watch;
    const missed = missedOf(calls, report);
    for (const { why } of missed) console.log(why);
    if (missed.length === 0 || round === ROUNDS || stalledMs < TEARING_MS) return tell(missed);
    console.log(`${missed.length} again, because the machine stalled for ${Math.round(stalledMs)} ms`);
    again += missed.length;
    calls = missed.map(({ call }) => call);
    await watch.calm();
  }

  function tell(missed: readonly Missed[]): void {
    const good = missed.filter(({ call }) => call.name === 'good').length;
    const faults = Object.keys(FAULTS).length;
    const figures = {
      faults: { named: faults - (missed.length - good), of: faults },
      good: { green: GOOD_CALLS - good, of: GOOD_CALLS },
      again,
    };
    console.log(JSON.stringify(figures));
    process.exitCode = missed.length > 0 || !isRight ? 1 : 0;
  }
}

void main();
