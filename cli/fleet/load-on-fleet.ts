import { createHash, randomUUID } from 'node:crypto';
import { usualCalls, type LoadReport } from '../../lib/load';
import { UsageError } from '../arguments';
import type { Terminal } from '../command';
import { chosenCase } from '../load/fleet';
import type { LoadArguments } from '../load/options';
import { jobOf } from '../load/plan';
import { safeText } from '../safe-text';
import { missingCredential } from '../test/credentials';
import type { FlowInputs } from '../test/flow-inputs';
import { textOf } from '../test/flow-file';
import { namedVariables, putBundle } from './bundle';
import { FleetRunHandle, type FleetTerminal } from './fleet-run';
import { FleetLive } from './live';
import { LoadCoordinator, type FleetLoadPlan } from './load-coordinator';
import { needsOf } from './needs';
import { queueAddress } from './options';
import { FleetRedis, isRefusal, redisSentence } from './redis';
import { whileThere } from './while-there';

/** Name of the table of `--rows` beside the flow, on a worker. */
const TABLE = '.sipflow-rows.csv';
/** Options that make no sense where workers share a load. */
const LOCAL_ONLY = ['shard', 'processes', 'source', 'startAt'] as const;

/**
 * Puts a load on the workers of a fleet, and resolves with the report of all.
 *
 * @throws UsageError for a fleet that cannot do it, with the reason
 */
export async function loadOnFleet(
  options: LoadArguments,
  inputs: FlowInputs,
  terminal: Terminal,
): Promise<LoadReport | undefined> {
  const local = LOCAL_ONLY.find((name) => options[name] !== undefined);
  if (local) {
    const name = local.replace('startAt', 'start-at');
    throw new UsageError(`--${name} is of no use with --queue: the workers are the parts.`);
  }
  const note = (sentence: string): void => terminal.complain(`sipflow: ${safeText(sentence)}`);
  const redis = await FleetRedis.connect(queueAddress(options, terminal.env), note);
  const { workers, labels = {}, run = `run-${randomUUID().slice(0, 8)}` } = options;
  const fleetTerminal = { note, interrupted: terminal.interrupted };
  const handle = new FleetRunHandle(redis, { run, workers, labels }, fleetTerminal);
  const quiet = { write: () => undefined };
  const live = new FleetLive(options.stages, options.json ? { ...terminal, out: quiet } : terminal);
  const context = { handle, live, terminal: fleetTerminal };
  let report: LoadReport | undefined;
  try {
    report = await whileThere(coordinate(options, inputs, context), redis, fleetTerminal);
    return report;
  } catch (error) {
    throw isRefusal(error) ? new UsageError(redisSentence(error)) : error;
  } finally {
    live.close();
    // Of a run that broke down nothing is of use, unless it has a name to go on by.
    await handle.close(report !== undefined || options.run === undefined);
    redis.close();
  }
}

/** Goes on with the run of the name, or plans and starts it. */
async function coordinate(
  options: LoadArguments,
  { files: [file], env, variables }: FlowInputs,
  { handle, live, terminal }: { handle: FleetRunHandle; live: FleetLive; terminal: FleetTerminal },
): Promise<LoadReport | undefined> {
  const { redis } = handle;
  await handle.clock.measure();
  await handle.lock.take(terminal.interrupted);
  const hash = hashOf(options, file.flow.text);
  const resumed = options.run && (await LoadCoordinator.resume(handle, live, terminal, hash));
  if (resumed) return resumed;
  const table = options.rows;
  if (table !== undefined) textOf(table, table);
  const bundle = await putBundle(
    redis.client,
    file,
    { beside: options.with ?? [], renamed: table === undefined ? [] : [{ path: TABLE, file: table }] },
    { ...namedVariables(file.flow.text, env), ...variables },
  );
  await handle.store({ bundles: [bundle], needs: needsOf(file.flow.nodes, options.case) });
  const cases = await handle.gather();
  if (terminal.interrupted.aborted) return undefined;
  const testCase = chosenCase(cases, options.case);
  const missing = missingCredential(file.flow, testCase.phones, file.credentials, env);
  if (missing) throw new UsageError(missing);
  const plan = planOf(options, testCase, handle.slots, hash);
  return new LoadCoordinator(handle, plan, live, terminal).run();
}

function planOf(
  options: LoadArguments,
  testCase: Parameters<typeof jobOf>[2],
  slots: number,
  hash: string,
): FleetLoadPlan {
  const { plan, ...job } = jobOf(options, { index: 0, count: slots }, testCase);
  const atOnce = options.maxCalls ?? usualCalls(options.stages, options.timeout ?? testCase.timeout);
  return {
    load: {
      case: testCase.id,
      job: {
        ...job,
        ...(job.table === undefined ? {} : { table: TABLE }),
        // Where one of them is lost the others do its part.
        plan: { ...plan, maxCalls: Math.ceil(atOnce / Math.max(1, slots - 1)), sliced: true, sources: slots },
      },
    },
    atOnce,
    title: testCase.title,
    hash,
  };
}

/** Of everything that makes two commands the same run. */
function hashOf(options: LoadArguments, flow: string): string {
  const { stages, total, seed, rowsOrder, rows, timeout, expect, abort, probe, maxCalls } = options;
  const parts = [
    stages,
    total,
    seed,
    rowsOrder,
    rows,
    timeout,
    expect,
    abort,
    probe,
    maxCalls,
    options.case?.source,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).update(flow).digest('hex');
}
