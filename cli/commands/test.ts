import { resolve } from 'node:path';
import { version } from '../../package.json';
import { newCommand, type AddCommand, type Terminal } from '../command';
import type { ExitCode } from '../exit-codes';
import { UsageError } from '../arguments';
import { testsOnFleet } from '../fleet/tests-on-fleet';
import { readFlowInputs } from '../test/flow-inputs';
import { withTestOptions, type TestArguments } from '../test/options';
import { Results } from '../test/results';
import { Suite } from '../test/suite';

/** `sipflow test`: runs the test cases of flow files in Node-RED. */
export const addTest: AddCommand = (program, terminal, finish) => {
  const command = newCommand('test')
    .summary('run the test cases of flow files')
    .argument('<FLOWS...>', 'flow files, as the editor exports or Node-RED stores them')
    .description(
      'Runs the test cases of flow files in Node-RED, without editor, and writes results into a folder. ' +
        'Tables, sounds and audio folders with relative paths are looked for beside the flow file. With --queue the ' +
        'workers of a fleet share the cases.',
    );
  withTestOptions(command).action(async (paths: string[], options: TestArguments) =>
    finish(await run(paths, options, terminal)),
  );
  program.addCommand(command);
};

async function run(paths: readonly string[], options: TestArguments, terminal: Terminal): Promise<ExitCode> {
  const inputs = readFlowInputs(paths, options, terminal);
  if (options.queue) return testsOnFleet(options, inputs, terminal);
  assertAlone(options);
  const { files, nodeRed, env, secrets } = inputs;
  const head = {
    versions: { sipflow: version, 'Node-RED': nodeRed.version, 'Node.js': process.versions.node },
    shard: options.shard,
  };
  const setup = {
    files,
    nodeRed,
    env,
    userDir: options.userDir,
    outputFolder: resolve(options.output),
    pcap: options.pcap,
    options,
    masked: (text: string) => secrets.masked(text),
    terminal,
  };
  if (options.list) return new Suite({ ...setup, log: () => undefined }).list();
  const results = await Results.open(options.output, head, secrets);
  return new Suite({ ...setup, log: (line) => results.log(line) }).run(results);
}

/** @throws UsageError for options of a fleet without one */
function assertAlone(options: TestArguments): void {
  const names = ['workers', 'labels', 'run', 'with'] as const;
  const name = names.find((each) => options[each] !== undefined);
  if (name) throw new UsageError(`--${name} needs the fleet that it is about: --queue redis://host.`);
}
