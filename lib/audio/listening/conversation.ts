/** Times of the two sides of a call in milliseconds of one clock; each is absent where there is nothing to measure. */
export interface TalkFigures {
  /** From the answer to the first word of the other side. */
  greetingMs?: number;
  /** From the latest beginning of ours into theirs to the end of theirs. */
  bargeInMs?: number;
  /** Time in which both sides sounded, in all. */
  talkOverMs: number;
  /** The longest time in which neither did. */
  deadAirMs: number;
}

/** A stretch of sound of one side. */
export interface Stretch {
  startMs: number;
  endMs: number;
  /** It goes on. */
  open: boolean;
  kind: 'speech' | 'tone';
}

/** Stretches that are remembered of each side. */
const MOST_STRETCHES = 256;
/** Pause within which what a side says is one turn: when they fall silent for longer, they have yielded. */
const TURN_PAUSE_MS = 400;

/** Who sounded when in a call. Pure; times are milliseconds of the caller's clock, in order. */
export class Conversation {
  readonly #ours: Stretch[] = [];
  readonly #theirs: Stretch[] = [];

  /** We send sound from `startMs` to `endMs`; what follows within `pauseMs` is the same stretch. */
  weSounded(startMs: number, endMs: number, pauseMs: number): void {
    const last = this.#ours.at(-1);
    if (last && startMs - last.endMs <= pauseMs) last.endMs = Math.max(last.endMs, endMs);
    else add(this.#ours, { startMs, endMs, open: false, kind: 'speech' });
  }

  /** They began to sound. The caller keeps what is returned up to date until it is over. */
  theyBegan(kind: Stretch['kind'], startMs: number, endMs: number): Stretch {
    const stretch: Stretch = { kind, startMs, endMs, open: true };
    add(this.#theirs, stretch);
    return stretch;
  }

  /** End of the last sound that we have sent; undefined before any. */
  get ourEndMs(): number | undefined {
    return this.#ours.at(-1)?.endMs;
  }

  /** Their stretches that end after that time, oldest first. */
  theirsSince(fromMs: number): readonly Stretch[] {
    return this.#theirs.filter(({ endMs }) => endMs > fromMs);
  }

  /**
   * From the end of what we sent to `startMs`, when they began; negative when they began before our end. Undefined when
   * we had sent nothing by then.
   */
  latencyAt(startMs: number): number | undefined {
    const ours = this.#ours.findLast((stretch) => stretch.startMs < startMs);
    return ours && startMs - ours.endMs;
  }

  /**
   * Talk-over and dead air of a time; greeting, and the latest barge-in, of the call up to its end.
   *
   * @param answeredMs when the call was answered; undefined when it was not.
   */
  figures(fromMs: number, toMs: number, answeredMs: number | undefined): TalkFigures {
    const greeting = answeredMs === undefined ? undefined : this.#greeting(answeredMs);
    const bargeIn = this.#bargeIn(toMs);
    return {
      ...(greeting === undefined ? {} : { greetingMs: greeting }),
      ...(bargeIn === undefined ? {} : { bargeInMs: bargeIn }),
      talkOverMs: overlap(this.#ours, this.#theirs, fromMs, toMs),
      deadAirMs: longestPause([...this.#ours, ...this.#theirs], fromMs, toMs),
    };
  }

  #greeting(answeredMs: number): number | undefined {
    const first = this.#theirs.find(({ endMs }) => endMs > answeredMs);
    return first && Math.max(0, first.startMs - answeredMs);
  }

  #bargeIn(toMs: number): number | undefined {
    const turns = turnsOf(this.#theirs);
    for (const ours of this.#ours.toReversed()) {
      if (ours.startMs > toMs) continue;
      const theirs = turns.find(({ startMs, endMs }) => startMs < ours.startMs && endMs > ours.startMs);
      // They speak on: it is not known yet when they yield.
      if (theirs?.open || (theirs && toMs - theirs.endMs < TURN_PAUSE_MS)) return undefined;
      if (theirs) return theirs.endMs - ours.startMs;
    }
    return undefined;
  }
}

function add(stretches: Stretch[], stretch: Stretch): void {
  if (stretches.length === MOST_STRETCHES) stretches.shift();
  stretches.push(stretch);
}

/** Stretches joined over short pauses. */
function turnsOf(stretches: readonly Stretch[]): Stretch[] {
  const turns: Stretch[] = [];
  for (const stretch of stretches) {
    const last = turns.at(-1);
    if (!last || stretch.startMs - last.endMs > TURN_PAUSE_MS) turns.push({ ...stretch });
    else Object.assign(last, { endMs: Math.max(last.endMs, stretch.endMs), open: stretch.open });
  }
  return turns;
}

function overlap(ours: readonly Stretch[], theirs: readonly Stretch[], fromMs: number, toMs: number): number {
  let sum = 0;
  for (const one of ours) {
    for (const other of theirs) {
      const start = Math.max(one.startMs, other.startMs, fromMs);
      sum += Math.max(0, Math.min(one.endMs, other.endMs, toMs) - start);
    }
  }
  return sum;
}

function longestPause(stretches: Stretch[], fromMs: number, toMs: number): number {
  let longest = 0;
  let quietFrom = fromMs;
  for (const { startMs, endMs } of stretches.sort((a, b) => a.startMs - b.startMs)) {
    longest = Math.max(longest, Math.min(startMs, toMs) - quietFrom);
    quietFrom = Math.max(quietFrom, endMs);
  }
  return Math.max(longest, toMs - quietFrom);
}
