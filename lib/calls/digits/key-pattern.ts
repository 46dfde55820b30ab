import { SipflowError } from '../../common';
import { KEYS, parsePattern, quoted, type PatternNode } from './pattern-parser';

/** Large enough for a number of thirty digits with an optional prefix, small enough to be searched at once. */
const MAX_STATES = 1000;
/** Pairs of states that are looked at for an overlap. */
const MAX_PAIRS = 20_000;

/** Ways on from one state. */
interface State {
  /** Without a key. */
  free: number[];
  byKey: { mask: number; to: number }[];
}

/** The states that a pattern can be in after some keys, in order. */
export type Progress = readonly number[];

/**
 * Keys (`1`, `12`, `*9`), or a regular expression of keys (`[1-4]`, `\d{4}`, `9\d+`), as a finite automaton: it takes the
 * same time for whatever is pressed, tells whether more keys could follow, and can be compared with another one.
 */
export class KeyPattern {
  readonly #states: State[] = [];
  readonly #end: number;
  readonly start: Progress;

  /**
   * @param source keys alone, or an expression, with slashes around it or without
   * @throws SipflowError BAD_CONFIG when it is neither, has no end in sight, or takes no key at all
   */
  constructor(readonly source: string) {
    this.#end = this.#build(parsePattern(source), this.#state());
    this.start = this.#closure([0]);
    if (this.takes(this.start)) {
      throw new SipflowError('BAD_CONFIG', `The choice ${quoted(source)} must be at least one key.`);
    }
  }

  /** After one more key; empty when nothing that begins so is taken. */
  step(progress: Progress, key: string): Progress {
    const bit = 1 << KEYS.indexOf(key);
    const reached = progress.flatMap((state) =>
      this.#at(state).byKey.flatMap(({ mask, to }) => (mask & bit ? [to] : [])),
    );
    return this.#closure(reached);
  }

  /** Whether the keys so far are what the pattern asks for. */
  takes(progress: Progress): boolean {
    return progress.includes(this.#end);
  }

  /** Whether a further key may be right. */
  goesOn(progress: Progress): boolean {
    return progress.some((state) => this.#at(state).byKey.length > 0);
  }

  /** Whether something is taken in which none of these keys is. */
  takesWithout(keys: string): boolean {
    const barred = [...keys].reduce((mask, key) => mask | (1 << KEYS.indexOf(key)), 0);
    const found = new Set(this.start);
    for (const state of found) {
      for (const { mask, to } of this.#at(state).byKey)
        if (mask & ~barred) for (const next of this.#closure([to])) found.add(next);
    }
    return found.has(this.#end);
  }

  #at(state: number): State {
    const found = this.#states[state];
    if (!found) throw new SipflowError('INTERNAL', `A pattern of keys has no state ${state}.`);
    return found;
  }

  #state(): number {
    if (this.#states.length >= MAX_STATES) {
      throw new SipflowError(
        'BAD_CONFIG',
        `The choice ${quoted(this.source)} is too long. Use fewer repetitions.`,
      );
    }
    return this.#states.push({ free: [], byKey: [] }) - 1;
  }

  /** Adds the states of a part behind `from`; the last of them. */
  #build(node: PatternNode, from: number): number {
    switch (node.kind) {
      case 'keys': {
        const to = this.#state();
        this.#at(from).byKey.push({ mask: node.mask, to });
        return to;
      }
      case 'all':
        return node.parts.reduce((last, part) => this.#build(part, last), from);
      case 'any': {
        const end = this.#state();
        for (const option of node.options) this.#free(this.#build(option, this.#behind(from)), end);
        return end;
      }
      case 'repeat':
        return this.#repeat(node, from);
    }
  }

  #repeat({ of, min, max }: PatternNode & { kind: 'repeat' }, from: number): number {
    let last = from;
    for (let count = 0; count < min; count++) last = this.#build(of, last);
    if (max === Infinity) {
      const loop = this.#behind(last);
      this.#free(this.#build(of, loop), loop);
      return this.#behind(loop);
    }
    const end = this.#state();
    for (let count = min; count < max; count++) {
      this.#free(last, end);
      last = this.#build(of, this.#behind(last));
    }
    this.#free(last, end);
    return end;
  }

  #behind(from: number): number {
    const to = this.#state();
    this.#free(from, to);
    return to;
  }

  #free(from: number, to: number): void {
    this.#at(from).free.push(to);
  }

  /** These states and those that are reached from them without a key. */
  #closure(states: readonly number[]): Progress {
    const found = new Set(states);
    for (const state of found) for (const next of this.#at(state).free) found.add(next);
    return [...found].sort((a, b) => a - b);
  }
}

/**
 * Keys that both patterns take, the shortest; undefined when there are none.
 *
 * @throws SipflowError BAD_CONFIG for two that are too complicated to be compared
 */
export function commonKeys(one: KeyPattern, other: KeyPattern): string | undefined {
  const seen = new Set<string>();
  let pairs = [{ keys: '', a: one.start, b: other.start }];
  while (pairs.length > 0) {
    const next: typeof pairs = [];
    for (const { keys, a, b } of pairs) {
      for (const key of KEYS) {
        const pair = { keys: keys + key, a: one.step(a, key), b: other.step(b, key) };
        if (pair.a.length === 0 || pair.b.length === 0) continue;
        if (one.takes(pair.a) && other.takes(pair.b)) return pair.keys;
        const name = `${pair.a.join()}|${pair.b.join()}`;
        if (seen.has(name)) continue;
        seen.add(name);
        next.push(pair);
      }
    }
    if (seen.size > MAX_PAIRS) {
      throw new SipflowError(
        'BAD_CONFIG',
        `The choices ${quoted(one.source)} and ${quoted(other.source)} are too complicated to be compared. Make them simpler.`,
      );
    }
    pairs = next;
  }
  return undefined;
}
