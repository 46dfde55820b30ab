/**
 * Prints progress, and as its last line one JSON object: CPU of a call by the library alone and by a flow, the highest rate
 * of two processes with nothing lost, how late starts are, the share of the media worker's capacity that a load reaches,
 * what a second process costs, and how often the verdict names the side that was the limit.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { rounded } from '../signalling/figures';
import { Sipp, sippVersion } from '../signalling/sipp';
import { audioBeside } from './beside/audio';
import { ratesBeside } from './beside/rates';
import { measureFleet } from './fleet/measure';
import { mediaShare } from './media';
import { FULL, type Plan, QUICK } from './plan';
import { engineCpu, onePlainRate, twoProcesses } from './rates';
import { judgeVerdicts } from './verdicts';

const SEED = 20_261_201;
const SIPP_CALLS = 10_000_000;
const SIPP_LIMIT_S = 900;

/** What is measured, in order; each adds its figures to the last line. */
const PARTS: Readonly<Record<string, (plan: Plan) => Promise<object>>> = {
  call: (plan) => withCallee((target) => oneCall(target, plan)),
  processes: (plan) => withCallee((target) => twoProcesses(target, plan)),
  media: async (plan) => ({ media: await mediaShare(plan) }),
  beside: async ({ beside }) => ({
    beside: { rates: await ratesBeside(beside.rates), audio: await audioBeside(beside.calls) },
  }),
  verdicts: async ({ trials }) => ({ verdicts: await judgeVerdicts(trials, SEED) }),
  fleet: async ({ fleet }) => ({ fleet: await measureFleet(fleet) }),
};

/** What is measured where nothing else is asked for. */
const USUAL = ['call', 'processes', 'media', 'verdicts'];

async function main(): Promise<void> {
  const names = Object.keys(PARTS);
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, only: { type: 'string', multiple: true, default: USUAL } },
  });
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`--only takes one of ${names.join(', ')}, not ${unknown}.`);
  const version = sippVersion();
  if (version === undefined) {
    throw new Error('SIPp is needed and was not found: install it (Debian: apt-get install sip-tester).');
  }
  const [busy] = loadavg();
  console.log(
    `SIPp ${version}, Node.js ${process.version}, ${cpus().length} processors, load ${busy.toFixed(1)}`,
  );
  if (busy > cpus().length / 4) console.log('The machine is busy with other work: expect worse figures.');
  const found: Record<string, object> = {};
  for (const name of names.filter((each) => values.only.includes(each))) {
    const figures = await PARTS[name](values.quick ? QUICK : FULL);
    for (const [key, value] of Object.entries(figures)) found[key] = { ...found[key], ...(value as object) };
    console.log(`${name}: ${JSON.stringify(figures)}`);
  }
  console.log(JSON.stringify(found));
  process.exit();
}

/** Measures with SIPp as callee. */
async function withCallee<Result>(measure: (target: string) => Promise<Result>): Promise<Result> {
  const sipp = await Sipp.start({ scenario: 'callee', calls: SIPP_CALLS, limitSeconds: SIPP_LIMIT_S });
  try {
    return await measure(`sip:sipp@${sipp.host}`);
  } finally {
    sipp.stop();
    await sipp.finished();
  }
}

async function oneCall(target: string, plan: Plan): Promise<object> {
  const engine = engineCpu(target, plan);
  const { cpuMsPerCall, lateP99Ms } = await onePlainRate(target, plan);
  return {
    engine: { cpuMsPerCall: rounded(engine) },
    flow: { cpuMsPerCall: rounded(cpuMsPerCall), ratio: rounded(cpuMsPerCall / engine) },
    lateness: { p99Ms: rounded(lateP99Ms) },
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
