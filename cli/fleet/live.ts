import { addedSamples, loadProgress, type LoadSample, type Stage } from '../../lib/load';
import { escapeTerminal, fitText } from '../../lib/evidence';
import type { Terminal } from '../command';
import type { Member } from './crew';

/** Where there is no terminal, lines come once in so many seconds. */
const EVERY_MS = 10_000;
const USUAL_COLUMNS = 100;

/** The course of a load on many machines: a line for all, and one for each worker. */
export class FleetLive {
  readonly #changes: boolean;
  #drawn = 0;
  #toldAt = 0;

  constructor(
    private readonly stages: Stage[],
    private readonly terminal: Pick<Terminal, 'out' | 'env'>,
  ) {
    const { out, env } = terminal;
    this.#changes = out.isTTY === true && !env.CI && env.TERM !== 'dumb';
  }

  show(members: readonly Member[], isThere: (member: Member) => boolean, nowMs: number): void {
    if (!this.#changes && Math.floor(nowMs / EVERY_MS) <= this.#toldAt) return;
    this.#toldAt = Math.floor(nowMs / EVERY_MS);
    const there = members.filter(isThere);
    const latest = there.flatMap(({ state }) => state.samples?.slice(-1) ?? []);
    if (latest.length === 0) return;
    const lines = [
      `${loadProgress(latest.reduce(addedSamples), { stages: this.stages })} · ${there.length}/${members.length} workers`,
      ...members.map((member) => workerLine(member, isThere(member))),
    ];
    this.#write(lines);
  }

  /** The lines that change are gone. */
  close(): void {
    if (this.#drawn > 0) this.terminal.out.write(`\r\u001b[${this.#drawn}A\u001b[J`);
    this.#drawn = 0;
  }

  #write(lines: readonly string[]): void {
    const { out } = this.terminal;
    this.close();
    const columns = (out.columns ?? USUAL_COLUMNS) - 1;
    for (const line of lines) out.write(`${this.#changes ? fitText(line, columns) : line}\n`);
    if (this.#changes) this.#drawn = lines.length;
  }
}

function workerLine({ name, state }: Member, isThere: boolean): string {
  const who = `  ${escapeTerminal(name)} on ${escapeTerminal(state.host)}`;
  if (!isThere) return `${who}: gone`;
  const sample: LoadSample | undefined = state.samples?.at(-1);
  if (!sample) return `${who}: ${state.phase}`;
  const { started, seconds, running, failed, lateP95Ms, loopBusy } = sample;
  return [
    `${who}: ${Math.round(started / Math.max(1, seconds))}/s`,
    `${running} running`,
    `${failed} failed`,
    ...(lateP95Ms === undefined ? [] : [`late p95 ${Math.round(lateP95Ms)} ms`]),
    ...(loopBusy === undefined ? [] : [`loop ${Math.round(loopBusy * 100)} %`]),
  ].join(' · ');
}
