import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { version } from '../../package.json';
import { UsageError } from '../arguments';
import { newCommand, type AddCommand, type Terminal } from '../command';
import type { ExitCode } from '../exit-codes';
import { credentialsOf, readCredentials } from '../test/credentials';
import { findNodeRed } from '../test/find-node-red';
import { readFlowFile, textOf } from '../test/flow-file';
import { withTestOptions, type TestArguments } from '../test/options';
import { Results } from '../test/results';
import { Secrets } from '../test/secrets';
import { Suite } from '../test/suite';

/** `sipflow test`: runs the test cases of flow files in Node-RED. */
export const addTest: AddCommand = (program, terminal, finish) => {
  const command = newCommand('test')
    .summary('run the test cases of flow files')
    .argument('<FLOWS...>', 'flow files, as the editor exports or Node-RED stores them')
    .description(
      'Runs the test cases of flow files in Node-RED, without editor, and writes results into a folder. ' +
        'Tables, sounds and audio folders with relative paths are looked for beside the flow file.',
    );
  withTestOptions(command).action(async (paths: string[], options: TestArguments) =>
    finish(await run(paths, options, terminal)),
  );
  program.addCommand(command);
};

async function run(paths: readonly string[], options: TestArguments, terminal: Terminal): Promise<ExitCode> {
  const cwd = process.cwd();
  const flows = paths.map((path) => readFlowFile(path, cwd));
  const given = options.credentials === undefined ? {} : readCredentials(options.credentials, flows);
  const fromFile = options.envFile === undefined ? {} : variablesOf(options.envFile);
  const env = { ...fromFile, ...terminal.env };
  const secret = secretFrom(options.credentialSecretEnv, env);
  const files = flows.map((flow) => ({ flow, credentials: credentialsOf(flow, { given, env, secret }) }));
  const nodeRed = findNodeRed(cwd, terminal.env);
  const secrets = new Secrets(
    [
      ...Object.values(fromFile),
      ...files.flatMap(({ credentials }) => Object.values(credentials).flatMap((one) => Object.values(one))),
    ],
    flows.map(({ text }) => text),
  );
  const head = {
    versions: { sipflow: version, 'Node-RED': nodeRed.version, 'Node.js': process.versions.node },
    shard: options.shard,
  };
  const setup = {
    files,
    nodeRed,
    env: withoutCredentials(env),
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

/** @throws UsageError for a file that is missing */
function variablesOf(path: string): Record<string, string> {
  return { ...parseEnv(textOf(path, path)) } as Record<string, string>;
}

function secretFrom(
  variable: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (variable === undefined) return undefined;
  const secret = env[variable];
  if (secret) return secret;
  throw new UsageError(`The environment variable ${variable} of --credential-secret-env is not set.`);
}

/** The environment without passwords, which the nodes have by now: a flow must not print them. */
function withoutCredentials(env: Terminal['env']): Terminal['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SIPFLOW_CREDENTIAL_')));
}
