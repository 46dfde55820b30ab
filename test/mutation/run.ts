/**
 * Mutation test of the tester: `npm run test:mutation`. A system under test gets one fault per call; each has to turn the
 * test case red for the reason that is named for it, and calls without a fault have to stay green. `--short` makes fewer
 * of the latter.
 */
import { fork, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import type { Report, Verdict } from '../../lib/testing';
import { FAULTS } from './faults';
import { testerFlow, type Call } from './tester';

const ROOT = resolve(__dirname, '../..');
const DIST = join(ROOT, 'dist');
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

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-mutation-'));
  const system = fork(join(__dirname, 'system.ts'), [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, SIPFLOW_BUILT_MEDIA: badMedia(join(folder, 'media')) },
  });
  try {
    const [ports] = (await once(system, 'message')) as [Record<string, number>];
    const call = (name: string): Call => ({ name, to: `sip:${name}@127.0.0.1:${ports[name]}` });
    const calls = [...Object.keys(FAULTS), ...Array.from({ length: GOOD_CALLS }, () => 'good')].map(call);
    writeFileSync(join(folder, 'flow.json'), JSON.stringify(testerFlow(calls)));
    const { status } = spawnSync(
      process.execPath,
      [join(DIST, 'cli/main.js'), 'test', 'flow.json', '--reporter', 'json'],
      {
        cwd: folder,
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    const report = JSON.parse(readFileSync(join(folder, 'sipflow-results/report.json'), 'utf8')) as Report;
    judge(calls, report, status);
  } finally {
    system.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

function judge(calls: readonly Call[], { verdicts }: Report, status: number | null): void {
  const missed: string[] = [];
  let named = 0;
  let green = 0;
  calls.forEach(({ name }, index) => {
    const verdict = verdicts.find(({ row }) => row === index + 1);
    const got = verdict?.status === 'passed' ? 'passed' : verdict ? causeOf(verdict) : 'no verdict';
    const wanted = FAULTS[name]?.cause ?? 'passed';
    if (got !== wanted)
      missed.push(`${name}: ${wanted} wanted, got ${got}: ${verdict?.reason?.message ?? ''}`);
    else if (wanted === 'passed') green += 1;
    else named += 1;
  });
  for (const line of missed) console.log(line);
  const figures = {
    faults: { named, of: Object.keys(FAULTS).length },
    good: { green, of: GOOD_CALLS },
    exitCode: status,
  };
  console.log(JSON.stringify(figures));
  process.exitCode = missed.length > 0 || status !== 1 ? 1 : 0;
}

void main();
