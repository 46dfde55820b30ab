import { callsOfShard } from './schedule';
import type { LoadPart } from './start-queue';

/** How a run stands at a moment. */
export interface RunMoment {
  /** Milliseconds since the beginning of the run. */
  nowMs: number;
  /** Cases under way, of all stages. */
  running: number;
  /** Nothing more starts. */
  isOver: boolean;
  /** Whose calls are to be kept up; nobody's when undefined. */
  part: LoadPart | undefined;
}

/** The run of which calls are kept up. */
export interface KeptCallsHost {
  moment(): RunMoment;
  /** Starts a case; `ended` is called when it is over. */
  begin(ended: () => void): void;
  /** So many cases are not there that should be. */
  leftOut(count: number): void;
  later(act: () => void, ms: number): void;
}

/** Looks so often whether a case is missing. */
const LOOK_MS = 100;
/** Who has not looked for so long was held up, and kept up nothing. */
const HELD_UP_MS = 1000;

/**
 * Keeps so many cases under way while a stage lasts; those of earlier stages that still run are among them. How many are
 * this shard's may change while it lasts: another machine does the part of one that is lost.
 */
export class KeptCalls {
  #lookedMs: number | undefined;
  /** Cases for which there was no room, at most. */
  #short = 0;

  /**
   * @param calls of all shards
   * @param endMs when the stage is over, milliseconds since the beginning of the run
   */
  constructor(
    private readonly calls: number,
    private readonly endMs: number,
    private readonly host: KeptCallsHost,
  ) {}

  /** Keeps them up from now on. */
  begin(): void {
    if (!this.#fill()) return;
    this.host.later(() => this.begin(), LOOK_MS);
  }

  /** Starts what is missing; false when the stage is over. */
  #fill(): boolean {
    const { host } = this;
    const { nowMs, part, isOver } = host.moment();
    if (isOver || nowMs >= this.endMs) return false;
    const wanted = part === undefined ? 0 : callsOfShard(this.calls, part.shard);
    if (nowMs - (this.#lookedMs ?? nowMs) > HELD_UP_MS) host.leftOut(wanted);
    this.#lookedMs = nowMs;
    const room = Math.min(wanted, part?.maxCalls ?? 0);
    const short = wanted - room;
    if (short > this.#short) host.leftOut(short - this.#short);
    this.#short = Math.max(this.#short, short);
    // Not at once: a case that fails at once would turn round without end.
    const again = (): void => host.later(() => this.#fill(), 1);
    while (host.moment().running < room && !host.moment().isOver) host.begin(again);
    return true;
  }
}
