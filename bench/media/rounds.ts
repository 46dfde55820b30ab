import type { Reference } from './reference';
import { openSink, type Sink } from './sinks';
import { duplex, loadMain, PTIME_MS, sendersTo, type Load } from './streams';

/** Interpacket jitter of the reference, with an idle main thread, above which the machine is too busy for a round. */
const INVALID_P99_MS = 2;
/** Time after which no further round begins, and the wait after an invalid one. */
const MAX_MS = 240_000;
const PAUSE_MS = 10_000;

const LOADS = ['idle', 'busy', 'blocked'] as const;

/** Spacing of packets under one load of the main thread. */
export interface Pacing {
  streams: number;
  p99IpjMs: number;
  lost: number;
  /** The same of the C program under the same load of the main thread. */
  referenceP99IpjMs: number | null;
  /** Ours over that of the C program in the same round. */
  ratio: number | null;
}

interface Round {
  pacing: Record<Load, Pacing>;
  cpuRatio: number | null;
  /** CPU of the C program for a packet sent and one received, µs. */
  referenceCpuUs: number | null;
}

/** Medians over the valid rounds; over all that were completed when none was valid. */
export interface RoundFigures {
  rounds: { valid: number; run: number };
  pacing: Record<Load, Pacing>;
  cpuRatio: number | null;
  referenceCpuUs: number | null;
}

/**
 * Measures spacing and CPU, ours and the reference's in turn, until so many rounds are valid. A round is given up as
 * soon as its reference says that the machine is too busy, and the next one waits a little; the number of rounds and
 * their time are bounded, and the last one is completed in any case.
 *
 * @param rounds valid ones that are wanted, and all that are begun at most.
 */
export async function measureRounds(
  streams: number,
  seconds: number,
  rounds: { wanted: number; most: number },
  reference: Reference | undefined,
): Promise<RoundFigures> {
  const { wanted, most } = rounds;
  const valid: Round[] = [];
  let invalid: Round | undefined;
  let run = 0;
  const began = performance.now();
  const isLast = (): boolean => run === most || performance.now() - began > MAX_MS;
  while (valid.length < wanted && (run === 0 || !isLast())) {
    run++;
    const { round, isValid } = await measureRound(
      streams,
      seconds,
      reference,
      () => isLast() && valid.length === 0,
    );
    if (isValid && round) valid.push(round);
    else invalid = round ?? invalid;
    if (!isValid && !isLast()) await loadMain('idle', PAUSE_MS);
  }
  const judged = valid.length > 0 || !invalid ? valid : [invalid];
  const medianOf = (pick: (round: Round) => number | null): number | null => median(judged.map(pick));
  const pacing = (load: Load): Pacing => ({
    streams,
    p99IpjMs: medianOf((round) => round.pacing[load].p99IpjMs) ?? NaN,
    lost: judged.reduce((sum, round) => sum + round.pacing[load].lost, 0),
    referenceP99IpjMs: medianOf((round) => round.pacing[load].referenceP99IpjMs),
    ratio: medianOf((round) => round.pacing[load].ratio),
  });
  return {
    rounds: { valid: valid.length, run },
    pacing: { idle: pacing('idle'), busy: pacing('busy'), blocked: pacing('blocked') },
    cpuRatio: medianOf((round) => round.cpuRatio),
    referenceCpuUs: medianOf((round) => round.referenceCpuUs),
  };
}

/** One round; without `round` when it was given up. Without a reference nothing is valid. */
async function measureRound(
  streams: number,
  seconds: number,
  reference: Reference | undefined,
  mustComplete: () => boolean,
): Promise<{ round?: Round; isValid: boolean }> {
  const sink = await openSink(streams, PTIME_MS);
  const pacing: Partial<Record<Load, Pacing>> = {};
  let isValid = reference !== undefined;
  try {
    for (const load of LOADS) {
      const c = reference && (await referencePacing(sink, reference, load, seconds));
      if (load === 'idle' && c !== undefined && c > INVALID_P99_MS) {
        console.log(
          `${streams} streams: the reference's p99 is ${c.toFixed(2)} ms, so this round says nothing`,
        );
        if (!mustComplete()) return { isValid: false };
        isValid = false;
      }
      const ours = await ourPacing(sink, load, seconds);
      const ratio = c === undefined ? null : ours.p99IpjMs / c;
      pacing[load] = { streams, ...ours, referenceP99IpjMs: c ?? null, ratio };
      const { p99IpjMs, lost } = pacing[load];
      console.log(
        `${streams} streams, main ${load}: p99 ${p99IpjMs.toFixed(2)} ms, lost ${lost}; ` +
          `reference ${c === undefined ? '?' : c.toFixed(2)} ms`,
      );
    }
  } finally {
    await sink.close();
  }
  const cpu = await measureCpu(streams, seconds, reference);
  return { round: { pacing: pacing as Record<Load, Pacing>, ...cpu }, isValid };
}

/** Spacing of the C program, which runs under the same load of the main thread as ours. */
async function referencePacing(
  sink: Sink,
  reference: Reference,
  load: Load,
  seconds: number,
): Promise<number> {
  const { p99 } = await sink.measure(() =>
    Promise.all([reference.run('pace', seconds, ...sink.ports), loadMain(load, seconds * 1000)]),
  );
  return p99;
}

async function ourPacing(
  sink: Sink,
  load: Load,
  seconds: number,
): Promise<Pick<Pacing, 'p99IpjMs' | 'lost'>> {
  const senders = await sendersTo(sink);
  const { p99, lost } = await sink.measure(() => loadMain(load, seconds * 1000));
  await senders.close();
  return { p99IpjMs: p99, lost };
}

async function measureCpu(
  streams: number,
  seconds: number,
  reference: Reference | undefined,
): Promise<Pick<Round, 'cpuRatio' | 'referenceCpuUs'>> {
  const c = await reference?.run('duplex', seconds, streams);
  const ours = await duplex(streams, seconds);
  const cpuRatio = c ? ours.cpuUsPerPacket / c.cpuUsPerPacket : null;
  console.log(
    `${streams} duplex sessions: ${ours.cpuUsPerPacket.toFixed(1)} µs per packet, ` +
      `${cpuRatio?.toFixed(2) ?? '?'} × C; ${((ours.cpuUsPerPacket * streams) / PTIME_MS / 10).toFixed(0)} % of a core`,
  );
  return { cpuRatio, referenceCpuUs: c?.cpuUsPerPacket ?? null };
}

/** Null when any is. */
function median(values: (number | null)[]): number | null {
  const numbers = values.filter((value) => value !== null);
  if (numbers.length < values.length || numbers.length === 0) return null;
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}
