import { resolve } from 'node:path';
import type { LoadReport } from '../../lib/load';
import { UsageError } from '../arguments';
import { newCommand, type AddCommand, type Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import { loadOnFleet } from '../fleet/load-on-fleet';
import { chosenCase, Fleet } from '../load/fleet';
import { LiveLoad } from '../load/live';
import { withLoadOptions, type LoadArguments } from '../load/options';
import { jobOf, lengthOf, processShares } from '../load/plan';
import { sharedNumbers } from '../load/shared-numbers';
import { summaryFor } from '../load/summary';
import { writeLoadReport } from '../load/write-report';
import { safeText } from '../safe-text';
import { missingCredential } from '../test/credentials';
import { readFlowInputs, type FlowInputs } from '../test/flow-inputs';
import { RuntimeFault } from '../test/runtime';

/** `sipflow load`: runs a test case many times by a schedule. */
export const addLoad: AddCommand = (program, terminal, finish) => {
  const command = newCommand('load')
    .summary('run a test case many times at once, by a schedule')
    .argument('<FLOW>', 'flow file with the test case')
    .description(
      'Starts a test case by a schedule, whatever becomes of those that run, and says how the system took it. Where the ' +
        'generator itself was the limit nothing is judged (exit code 3). Ctrl-C ends the calls; twice ends at once.',
    );
  withLoadOptions(command).action(async (path: string, options: LoadArguments) =>
    finish(await run(path, options, terminal)),
  );
  program.addCommand(command);
};

async function run(path: string, options: LoadArguments, terminal: Terminal): Promise<ExitCode> {
  assertNotOver(options);
  const shares = processShares(options);
  const inputs = readFlowInputs([path], options, terminal);
  if (options.queue) return runOnFleet(options, inputs, terminal);
  const [file] = inputs.files;
  const { nodeRed, env, secrets } = inputs;
  const setup = {
    nodeRed,
    env,
    userDir: options.userDir,
    outputFolder: resolve('.'),
    log: () => undefined,
  };
  try {
    const fleet = await Fleet.open(file, setup, shares, terminal);
    try {
      if (terminal.interrupted.aborted) return EXIT.interrupted;
      const report = await load(fleet, options, inputs, terminal);
      return await tell(secrets.maskedData(report), options, terminal);
    } finally {
      await fleet.close();
    }
  } catch (error) {
    if (!(error instanceof RuntimeFault)) throw error;
    if (terminal.interrupted.aborted) return EXIT.interrupted;
    throw new UsageError(secrets.masked(error.message));
  }
}

/** The same by the workers of a fleet. */
async function runOnFleet(options: LoadArguments, inputs: FlowInputs, terminal: Terminal): Promise<ExitCode> {
  const report = await loadOnFleet(options, inputs, terminal);
  return report ? tell(inputs.secrets.maskedData(report), options, terminal) : EXIT.interrupted;
}

async function load(
  fleet: Fleet,
  options: LoadArguments,
  { files: [{ flow, credentials }], env }: FlowInputs,
  terminal: Terminal,
): Promise<LoadReport> {
  const testCase = chosenCase(fleet.cases, options.case);
  const missing = missingCredential(flow, testCase.phones, credentials, env);
  if (missing) throw new UsageError(missing);
  const shares = processShares(options);
  const live = new LiveLoad(
    options.stages,
    shares.length,
    options.json ? { ...terminal, out: NOWHERE } : terminal,
  );
  const listener = {
    sample: live.sample.bind(live),
    advice: (sentence: string) => terminal.complain(`sipflow: ${safeText(sentence)}`),
  };
  sharedNumbers(flow.nodes, testCase.phones, env, shares.length * (options.shard?.of ?? 1)).forEach(
    listener.advice,
  );
  try {
    return await fleet.run(testCase, (share) => jobOf(options, share, testCase), listener, options.startAt);
  } finally {
    live.close();
  }
}

/** Shows and writes a report; returns the exit code that it stands for. */
async function tell(report: LoadReport, options: LoadArguments, terminal: Terminal): Promise<ExitCode> {
  const { print } = terminal;
  print(options.json ? JSON.stringify(report) : summaryFor(report, terminal));
  for (const file of options.report ?? []) {
    await writeLoadReport(report, file);
    if (!options.json) print(safeText(file));
  }
  if (terminal.interrupted.aborted) return EXIT.interrupted;
  return { passed: EXIT.passed, failed: EXIT.failed, 'not-judged': EXIT.notJudged }[report.status];
}

/** @throws UsageError for a load whose time is over before it begins */
function assertNotOver({ startAt, stages }: LoadArguments): void {
  if (startAt === undefined || startAt + lengthOf(stages) * 1000 > Date.now()) return;
  throw new UsageError('The time of --start-at and of all stages is over.');
}

const NOWHERE: Terminal['out'] = { write: () => undefined };
