import { parseEnv } from 'node:util';
import { UsageError } from '../arguments';
import type { Terminal } from '../command';
import { credentialsOf, readCredentials } from './credentials';
import { findNodeRed, type NodeRedFound } from './find-node-red';
import { readFlowFile, textOf } from './flow-file';
import type { SuiteFile } from './flow-run';
import type { FlowArguments } from './options';
import { Secrets } from './secrets';

/** What a command that runs flow files has read before it starts any. */
export interface FlowInputs {
  readonly files: readonly SuiteFile[];
  readonly nodeRed: NodeRedFound;
  /** Environment of the flows, without passwords, which the nodes have by now: a flow must not print them. */
  readonly env: Terminal['env'];
  /** Those of `--env-file` alone. */
  readonly variables: Record<string, string>;
  readonly secrets: Secrets;
}

/**
 * Reads flow files, their credentials and variables, and looks for Node-RED.
 *
 * @throws UsageError for what is not there or cannot be used
 */
export function readFlowInputs(
  paths: readonly string[],
  options: FlowArguments,
  terminal: Terminal,
): FlowInputs {
  const cwd = process.cwd();
  const flows = paths.map((path) => readFlowFile(path, cwd));
  const given = options.credentials === undefined ? {} : readCredentials(options.credentials, flows);
  const fromFile = options.envFile === undefined ? {} : variablesOf(options.envFile);
  const env = { ...fromFile, ...terminal.env };
  const secret = secretFrom(options.credentialSecretEnv, env);
  const files = flows.map((flow) => ({ flow, credentials: credentialsOf(flow, { given, env, secret }) }));
  const secrets = new Secrets(
    [
      ...Object.values(fromFile),
      ...files.flatMap(({ credentials }) => Object.values(credentials).flatMap((one) => Object.values(one))),
    ],
    flows.map(({ text }) => text),
  );
  let found: NodeRedFound | undefined;
  return {
    files,
    // Who only coordinates a fleet needs none.
    get nodeRed() {
      return (found ??= findNodeRed(cwd, terminal.env));
    },
    env: withoutCredentials(env),
    variables: fromFile,
    secrets,
  };
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

function withoutCredentials(env: Terminal['env']): Terminal['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SIPFLOW_CREDENTIAL_')));
}
