// The process under test: one phone without media, driven by the benchmark through messages, so that its
// processor time is that of signalling alone.
import { tmpdir } from 'node:os';
import { library } from './built-library';
import { pace } from './pacer';
import type { DialReport, PhoneAnswers, PhoneCommand } from './phone-protocol';
import { processUsage } from './process-usage';
import { serve } from './serve';
import type { Call, Phone } from '../../lib/calls';
import { TurnoverSet } from '../../lib/common/turnover';

/** A plain Set would keep calls that are over, see there. */
const live = new TurnoverSet<Call>();
const warnings: string[] = [];
let phone: Phone | undefined;
let ended = 0;
let broken = 0;

process.on('warning', (warning) => {
  if (warnings.length < 10) warnings.push(warning.stack ?? warning.message);
});

serve(run);

async function run(command: PhoneCommand): Promise<PhoneAnswers[keyof PhoneAnswers]> {
  switch (command.type) {
    case 'start':
      return start(command.maxCalls, command.t1);
    case 'dial':
      return dialAll(command);
    case 'endAll':
      return endAll(command.rate);
    case 'usage':
      return usage(command.collect ?? false);
    case 'close':
      await phone?.close();
      return undefined;
  }
}

async function start(maxCalls: number, t1: number | undefined): Promise<PhoneAnswers['start']> {
  const world = library.createWorld({
    engine: library.createNullMediaEngine(),
    ...(t1 === undefined ? {} : { timers: { t1 } }),
  });
  phone = world.phone({
    number: 'bench',
    mode: 'network',
    bindAddress: '127.0.0.1',
    port: 0,
    // The range holds no SIP port: ports of the engine without media are numbers, nothing more.
    rtpPortMin: 1024,
    rtpPortMax: 31999,
    maxCalls,
    audioDir: tmpdir(),
  });
  phone.onCall((call) => {
    watch(call);
    call.answer().catch(() => undefined);
  });
  await phone.start();
  return phone.address as { address: string; port: number };
}

function watch(call: Call): void {
  live.add(call);
  call.on('ended', (info) => {
    live.delete(call);
    ended += 1;
    if (info.endedBy === 'error') broken += 1;
  });
}

async function dialAll(command: PhoneCommand & { type: 'dial' }): Promise<DialReport> {
  const report: DialReport = { failures: 0, setupMs: [], elapsedMs: 0 };
  const begin = performance.now();
  const all: Promise<void>[] = [];
  await pace(command.calls, command.rate, () => {
    all.push(dialOne(command, report).catch(() => void (report.failures += 1)));
  });
  await Promise.all(all);
  report.elapsedMs = performance.now() - begin;
  return report;
}

async function dialOne(command: PhoneCommand & { type: 'dial' }, report: DialReport): Promise<void> {
  const begin = performance.now();
  const call = await (phone as Phone).dial({ target: command.target });
  watch(call);
  const outcome = await call.outcome;
  if (outcome.kind === 'failed') {
    report.failures += 1;
    return;
  }
  report.setupMs.push(performance.now() - begin);
  if (command.hangUp) await call.hangup();
}

async function endAll(rate: number): Promise<undefined> {
  const standing = [...live];
  const endings: Promise<void>[] = [];
  await pace(standing.length, rate, (index) => endings.push(standing[index].hangup()));
  await Promise.all(endings);
}

function usage(collect: boolean): PhoneAnswers['usage'] {
  if (collect) globalThis.gc?.();
  return { ...processUsage(), live: live.size, ended, broken, warnings };
}
