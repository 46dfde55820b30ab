import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { text } from '../arguments';
import { newCommand, type AddCommand, type Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import {
  labels,
  queueAddress,
  runName,
  usualName,
  withQueueOptions,
  type QueueArguments,
} from '../fleet/options';
import { FleetRedis } from '../fleet/redis';
import { FleetWorker } from '../fleet/worker';
import { safeText } from '../safe-text';
import { findNodeRed } from '../test/find-node-red';

interface WorkerArguments extends QueueArguments {
  name?: string;
  labels?: Record<string, string>;
  source?: string;
  userDir?: string;
}

/** `sipflow worker`: does its part of the loads of a fleet. */
export const addWorker: AddCommand = (program, terminal, finish) => {
  const command = newCommand('worker')
    .summary('do a part of the loads and tests of a fleet')
    .description(
      'Waits at a Redis for runs of `sipflow load --queue` and `sipflow test --queue`, and does its part of them in ' +
        'Node-RED on this machine. Whoever can write to that Redis can run programs here: protect it. Ctrl-C ends the ' +
        'calls and the worker.',
    );
  withQueueOptions(command)
    .option('--name <NAME>', 'name of the worker in reports; by default host and process', runName)
    .option('--labels <NAME=VALUE>', 'label that runs may ask for; repeatable', labels)
    .option('--source <ADDRESS>', 'address of this machine that calls come from', source)
    .option('--user-dir <DIR>', 'Node-RED user directory with the nodes of other packages', text)
    .action(async (options: WorkerArguments) => finish(await run(options, terminal)));
  program.addCommand(command);
};

async function run(options: WorkerArguments, terminal: Terminal): Promise<ExitCode> {
  const { env, interrupted, insisted } = terminal;
  const log = (line: string): void => terminal.print(`${new Date().toISOString()} ${safeText(line)}`);
  const address = queueAddress(options, env);
  const nodeRed = findNodeRed(process.cwd(), env);
  const redis = await FleetRedis.connect(address, log);
  const worker = new FleetWorker(redis, {
    name: options.name ?? usualName(),
    labels: options.labels ?? {},
    source: options.source,
    userDir: options.userDir,
    nodeRed,
    env: withoutSecrets(env),
    log,
  });
  insisted.addEventListener('abort', () => worker.kill(), { once: true });
  try {
    await worker.run(interrupted);
  } finally {
    redis.close();
  }
  return interrupted.aborted ? EXIT.interrupted : EXIT.passed;
}

/** What a flow must not read: the keys to the fleet. */
function withoutSecrets(env: Terminal['env']): Terminal['env'] {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => name !== 'SIPFLOW_REDIS_PASSWORD' && !name.startsWith('SIPFLOW_CREDENTIAL_'),
    ),
  );
}

function source(typed: string): string {
  if (isIP(text(typed)) === 0) throw new InvalidArgumentError(`"${typed}" is no IP address.`);
  return typed;
}
