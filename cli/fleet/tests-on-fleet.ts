import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../arguments';
import type { Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import { version } from '../../package.json';
import { safeText } from '../safe-text';
import type { SuiteFile } from '../test/flow-run';
import type { FlowInputs } from '../test/flow-inputs';
import type { TestArguments } from '../test/options';
import { namedVariables, putBundle, type Bundle } from './bundle';
import { FleetRunHandle } from './fleet-run';
import { FleetSuite } from './fleet-suite';
import { queueAddress } from './options';
import { FleetRedis, isRefusal, redisSentence } from './redis';
import { TestCoordinator } from './test-coordinator';
import type { FleetTests } from './test-job';
import { TestStore } from './test-store';
import { whileThere } from './while-there';

/** A run on a fleet, before it has begun. */
interface FleetTestRun {
  readonly handle: FleetRunHandle;
  readonly store: TestStore;
  readonly coordinator: TestCoordinator;
  readonly suite: FleetSuite;
}

/**
 * Runs the test cases of flow files on the workers of a fleet, and writes the results as a run on this machine does.
 *
 * @throws UsageError for a fleet that cannot do it, with the reason
 */
export async function testsOnFleet(
  options: TestArguments,
  inputs: FlowInputs,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.userDir !== undefined) {
    throw new UsageError('--user-dir is of no use with --queue: each worker has its own.');
  }
  const { interrupted } = terminal;
  const note = (sentence: string): void => terminal.complain(`sipflow: ${safeText(sentence)}`);
  const redis = await FleetRedis.connect(queueAddress(options, terminal.env), note);
  const { workers, labels = {}, run = `run-${randomUUID().slice(0, 8)}` } = options;
  const fleetTerminal = { note, interrupted };
  const handle = new FleetRunHandle(redis, { run, workers, labels }, fleetTerminal);
  const store = new TestStore(redis.client, run);
  const coordinator = new TestCoordinator(handle, store, fleetTerminal, options.run !== undefined);
  const suite = new FleetSuite({
    files: inputs.files,
    options,
    masked: (text) => inputs.secrets.masked(text),
    terminal,
    env: inputs.env,
    secrets: inputs.secrets,
    outputFolder: resolve(options.output),
    store,
    coordinator,
    handle,
  });
  let isDone = false;
  try {
    const work = begin({ handle, store, coordinator, suite }, options, inputs);
    const code = await whileThere(work, redis, fleetTerminal);
    isDone = code !== undefined;
    return code ?? (await suite.breakOff()) ?? EXIT.interrupted;
  } catch (error) {
    if (!isRefusal(error) && !(error instanceof UsageError)) throw error;
    const sentence = error instanceof UsageError ? error.message : redisSentence(error);
    const code = await suite.breakOff(sentence);
    if (code === undefined) throw new UsageError(sentence);
    return code;
  } finally {
    // Of a run that broke down nothing is of use, unless it has a name to go on by.
    const forgets = isDone || options.run === undefined;
    await coordinator.close(forgets);
    await handle.close(forgets);
    redis.close();
  }
}

async function begin(
  { handle, store, suite }: FleetTestRun,
  options: TestArguments,
  inputs: FlowInputs,
): Promise<ExitCode> {
  const { terminal } = suite.setup;
  await handle.clock.measure();
  await handle.lock.take(terminal.interrupted);
  await handle.store({ bundles: await bundlesOf(handle, options, inputs), tests: testsOf(options) });
  const hash = hashOf(options, inputs);
  const isResumed = options.run !== undefined && (await resume(handle, store, hash));
  if (isResumed) suite.note(`The run ${handle.wishes.run} goes on with ${handle.slots} workers.`);
  else {
    await store.forget();
    await handle.gather();
    const members = handle.crew.members.map(({ name, token, slot }) => ({ name, token, slot }));
    await store.putProgress({ hash, members });
  }
  if (terminal.interrupted.aborted) return EXIT.interrupted;
  return options.list ? suite.list() : suite.run();
}

/** Goes on with the workers of a run whose coordinator is gone; false when there is none. */
async function resume(handle: FleetRunHandle, store: TestStore, hash: string): Promise<boolean> {
  const progress = await store.progress();
  if (progress?.hash !== hash) return false;
  const present = new Map((await handle.crew.present()).map((state) => [state.token, state]));
  const members = progress.members.filter(({ token }) => present.get(token)?.run === handle.wishes.run);
  if (members.length === 0) return false;
  handle.resume(progress.members.length);
  for (const member of members) handle.crew.adopt(member, present.get(member.token));
  return true;
}

async function bundlesOf(
  { redis }: FleetRunHandle,
  { with: further = [] }: TestArguments,
  { files, env, variables }: FlowInputs,
): Promise<Bundle[]> {
  const bundles: Bundle[] = [];
  for (const file of files) {
    const beside = further.filter((path) => files.length === 1 || isBeside(file, path));
    const named = { ...namedVariables(file.flow.text, env), ...variables };
    bundles.push(await putBundle(redis.client, file, { beside }, named));
  }
  const nowhere = further.find((path) => !files.some((file) => isBeside(file, path)));
  if (nowhere !== undefined) throw new UsageError(`There is no file ${nowhere} beside a flow.`);
  return bundles;
}

function isBeside({ flow }: SuiteFile, path: string): boolean {
  return existsSync(join(flow.folder, path));
}

function testsOf({ retries, timeout, failFast, record, pcap }: TestArguments): FleetTests {
  return { retries, timeout, failFast, record, pcap };
}

/** Of everything that makes two commands the same run. */
function hashOf(options: TestArguments, { files }: FlowInputs): string {
  const { case: title, tag, shard, list } = options;
  const parts = [version, testsOf(options), title?.source, tag, shard, list];
  const hash = createHash('sha256').update(JSON.stringify(parts));
  for (const { flow } of files) hash.update(flow.name).update(flow.text);
  return hash.digest('hex');
}
