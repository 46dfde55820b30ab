import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { LoadFigures, parseStages } from '../../../lib/load';
import { schedule } from '../../../lib/load/schedule';
import { mean, median, percentile, rounded } from '../../signalling/figures';
import { callFlow } from '../flows';
import { runLoadCommand } from '../load-command';
import type { FleetPlan } from '../plan';
import { tell } from '../tell';
import { cpuMsPerCall, LocalFleet, shareBetween, WireCallee } from './local-fleet';

/** Length of the stretches in which the starts of a ramp are compared with its plan. */
const STRETCH_MS = 5000;

/** What a fleet of three workers on this machine does with a schedule, and what the queue costs. */
export async function measureFleet(plan: FleetPlan): Promise<object> {
  const callee = await WireCallee.start();
  const fleet = await LocalFleet.open(3);
  try {
    const flow = callFlow(callee.target);
    return {
      ramp: await followRamp(fleet, flow, callee, plan),
      workers: await twoWorkers(fleet, flow, plan),
      queue: await queueCost(fleet, flow, plan),
    };
  } finally {
    await fleet.close();
    callee.stop();
  }
}

/** How late calls come in against the common schedule, and how well their sum follows a ramp. */
async function followRamp(
  fleet: LocalFleet,
  flow: readonly object[],
  callee: WireCallee,
  { rampTo, seconds }: FleetPlan,
): Promise<object> {
  const stages = `warm-up ${rampTo / 5}/s for 10s, ${rampTo / 5}/s to ${rampTo}/s for ${seconds}s`;
  await callee.arrivals();
  const before = busyTicks();
  const { report } = await fleet.load(flow, 3, stages);
  const busy = busyShare(before);
  tell(report);
  const began = Date.parse(report.startedAt);
  const planned = [...schedule(parseStages(stages))].map(({ atMs }) => atMs);
  const arrived = (await callee.arrivals()).map((ms) => ms - began);
  const warmMs = report.stages[1].beginMs;
  const late = planned.flatMap((ms, index) =>
    ms >= warmMs && index in arrived ? [arrived[index] - ms] : [],
  );
  const stretches = Array.from({ length: Math.floor((seconds * 1000) / STRETCH_MS) }, (_, index) => {
    const from = warmMs + index * STRETCH_MS;
    const inside = (ms: number): boolean => ms >= from && ms < from + STRETCH_MS;
    const wanted = planned.filter(inside).length;
    return Math.abs(arrived.filter(inside).length - wanted) / wanted;
  });
  const told = LoadFigures.from(report.figures).distribution('lateness').quantile(0.99) ?? NaN;
  return {
    planned: planned.length,
    arrived: arrived.length,
    lateP99Ms: rounded(percentile(late, 0.99)),
    toldLateP99Ms: rounded(told),
    farthestShare: rounded(Math.max(...stretches)),
    machineBusy: rounded(busy),
  };
}

/** What a call of two workers costs beside one of one, in turns. */
async function twoWorkers(
  fleet: LocalFleet,
  flow: readonly object[],
  { rate, warmUp, seconds, pairs }: FleetPlan,
): Promise<object> {
  const at = async (workers: number): Promise<number> => {
    const all = rate * workers;
    const result = await fleet.load(
      flow,
      workers,
      `warm-up ${all}/s for ${warmUp}s, ${all}/s for ${seconds}s`,
    );
    tell(result.report);
    return cpuMsPerCall(result, 1);
  };
  const factors: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const [one, two] = [await at(1), await at(2)];
    factors.push((2 * one) / two);
    console.log(`one worker at ${rate}/s: ${rounded(one)} ms for each call; two: ${rounded(two)} ms`);
  }
  return { count: 2, factor: rounded(median(factors)) };
}

/** What the queue takes of a processor: by a worker that waits, and by one that has a run with next to no calls. */
async function queueCost(
  fleet: LocalFleet,
  flow: readonly object[],
  { idleSeconds }: FleetPlan,
): Promise<object> {
  const stages = `1/h for ${idleSeconds}s`;
  const [first] = [fleet.read()];
  await setTimeout(idleSeconds * 1000);
  const waiting = fleet
    .read()
    .map(({ atMs, ownMs }, index) => (ownMs - first[index].ownMs) / (atMs - first[index].atMs));
  const alone = await runLoadCommand(flow, ['--stages', stages, '--no-probe']);
  const { report, readings } = await fleet.load(flow, 2, stages);
  const began = Date.parse(report.startedAt);
  const span = [began, began + idleSeconds * 1000] as const;
  const took = (report.workers ?? []).map(({ name }) => readings.get(name) ?? []);
  const own = mean(took.map((all) => shareBetween(all, 'ownMs', span)));
  const calls = mean(took.map((all) => shareBetween(all, 'callsMs', span)));
  const without = alone.cpuShare(0);
  return {
    waitingShare: rounded(mean(waiting)),
    workerShare: rounded(own),
    share: rounded(own + Math.max(0, calls - without)),
  };
}

/** Ticks of all processors: busy, and in all. */
function busyTicks(): { busy: number; all: number } {
  const ticks = readFileSync('/proc/stat', 'latin1')
    .split('\n')[0]
    .trim()
    .split(/\s+/)
    .slice(1, 9)
    .map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  const [, , , idle, waiting] = ticks;
  return { busy: all - idle - waiting, all };
}

function busyShare(before: { busy: number; all: number }): number {
  const now = busyTicks();
  return (now.busy - before.busy) / (now.all - before.all);
}
