import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ViewName } from '../../lib/testing';
import { expression, number, text, texts, wholeNumber } from '../arguments';
import { withFleetOptions, type FleetArguments } from '../fleet/options';
import type { Shard } from './plan';

/** When recordings and captures of an attempt are kept. */
export type Keep = 'failed' | 'on' | 'off';

/** A reporter of the command line: a view of the report, by default in the output folder, or the list on the terminal. */
export interface ReporterChoice {
  readonly name: 'list' | ViewName;
  readonly file?: string;
}

/** Options of every command that runs flow files. */
export interface FlowArguments {
  envFile?: string;
  credentials?: string;
  credentialSecretEnv?: string;
  userDir?: string;
}

/** Options of `sipflow test`, as commander reads them. */
export interface TestArguments extends FlowArguments, FleetArguments {
  case?: RegExp;
  tag?: string[];
  list?: true;
  retries?: number;
  timeout?: number;
  shard?: Shard;
  failFast?: true;
  failOnFlaky?: true;
  reporter: ReporterChoice[];
  output: string;
  record: Keep;
  pcap?: Keep;
}

const REPORTERS: readonly ReporterChoice['name'][] = ['list', 'json', 'junit', 'html', 'ctrf'];
const KEEP: readonly Keep[] = ['failed', 'on', 'off'];
const DEFAULT_REPORTERS: readonly ReporterChoice[] = [{ name: 'list' }];
const MOST_RETRIES = 20;
const LONGEST_S = 86_400;
const MOST_SHARDS = 10_000;

/** Adds the options of `sipflow test`. */
export function withTestOptions(command: Command): Command {
  return withFleetOptions(
    withFlowOptions(
      command
        .option('--case <REGEX>', 'only cases whose title it matches', expression)
        .option('--tag <TAG>', 'only cases with this tag; repeatable: with one of them', texts)
        .option('--list', 'name the cases and rows that would run, and run none')
        .option('--retries <N>', 'how often a failed row is tried again', wholeNumber(0, MOST_RETRIES))
        .option('--timeout <S>', 'seconds that an attempt may take', number(1, LONGEST_S))
        .option('--shard <I/N>', 'only the I-th of N parts', shard)
        .option('--fail-fast', 'begin nothing more after the first failure')
        .option('--fail-on-flaky', 'a row that passes only on a retry fails the run'),
    ),
  )
    .addOption(
      new Option('--reporter <NAME[=FILE]>', 'list, json, junit, html or ctrf; repeatable')
        .argParser(reporters)
        .default(DEFAULT_REPORTERS, 'list'),
    )
    .option('--output <DIR>', 'folder for results and recordings', text, 'sipflow-results')
    .addOption(new Option('--record <WHEN>', 'record the calls of a case').choices(KEEP).default('off'))
    .addOption(
      new Option('--pcap <WHEN>', 'capture the packets of calls, whatever their phones say').choices(KEEP),
    );
}

/** Adds the options of every command that runs flow files. */
export function withFlowOptions(command: Command): Command {
  return command
    .option(
      '--env-file <FILE>',
      'variables for the flows, NAME=value a line; none replaces one that is set',
      text,
    )
    .option('--credentials <FILE>', 'JSON with the credentials of nodes by name or id', text)
    .option(
      '--credential-secret-env <NAME>',
      'variable with the secret of the credentials file beside a flow',
      text,
    )
    .option('--user-dir <DIR>', 'Node-RED user directory with the nodes of other packages', text);
}

/** Reads the value of `--shard`. */
export function shard(typed: string): Shard {
  const parts = /^(\d+)\/(\d+)$/.exec(typed);
  const [index, of] = [Number(parts?.[1]), Number(parts?.[2])];
  if (index >= 1 && index <= of && of <= MOST_SHARDS) return { index, of };
  throw new InvalidArgumentError('It takes the number of a part and how many there are, such as 1/3.');
}

function reporters(typed: string, before: readonly ReporterChoice[]): ReporterChoice[] {
  const { name, file } = /^(?<name>[^=]+)(=(?<file>.+))?$/.exec(typed)?.groups ?? {};
  const known = REPORTERS.find((reporter) => reporter === name);
  if (!known) throw new InvalidArgumentError(`The reporters are ${REPORTERS.join(', ')}.`);
  if (known === 'list' && file) throw new InvalidArgumentError('The list goes to the terminal only.');
  const choice = { name: known, ...(file && { file }) };
  return before === DEFAULT_REPORTERS ? [choice] : [...before, choice];
}
