import { TEST_LIMITS } from '../limits';
import type { Check, NodeName, Step } from '../types';

/** Outcome of a step that has not finished. */
export const RUNNING = 'running';

/** A step that goes on until `finish`, which is called once. */
export interface OpenStep {
  finish(end: StepEnd): void;
}

/** What came of a step. */
export interface StepEnd {
  /** Name of the output, or code of the error. */
  outcome: string;
  /** Counted from 0. */
  output?: number;
  detail?: string;
  /** `CallRef.id`, when it became known only now. */
  call?: string;
}

/** A step of an attempt that is over: nobody reads it any more. */
export const NO_STEP: OpenStep = { finish: () => undefined };

/** Steps and checks of an attempt, within their limits. */
export class AttemptLog {
  readonly steps: Step[] = [];
  readonly checks: Check[] = [];
  /** Begun or finished last. */
  latest: Step | undefined;
  /** Number of each kind that was too many. */
  readonly leftOut: Record<string, number> = {};
  readonly #open = new Set<Step>();
  #allFinished: (() => void) | undefined;

  /** @param now milliseconds since the attempt began */
  constructor(private readonly now: () => number) {}

  /** Steps that have not finished. */
  get open(): readonly Step[] {
    return [...this.#open];
  }

  /** Resolves as soon as no step goes on any more. */
  finished(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#allFinished = resolve;
    });
  }

  /** @param onFinish called once, when the step has finished */
  begin(node: NodeName, call: string | undefined, onFinish: (step: Step) => void): OpenStep {
    const step: Step = { node, atMs: rounded(this.now()), durationMs: 0, outcome: RUNNING };
    if (call !== undefined) step.call = call;
    if (this.steps.length < TEST_LIMITS.steps) this.steps.push(step);
    else this.leaveOut('steps');
    this.#open.add(step);
    this.latest = step;
    return {
      finish: (end) => {
        if (!this.#open.delete(step)) return;
        step.durationMs = rounded(this.now() - step.atMs);
        step.outcome = cut(end.outcome);
        if (end.output !== undefined) step.output = end.output;
        if (end.detail !== undefined) step.detail = cut(end.detail);
        if (end.call !== undefined) step.call = end.call;
        this.latest = step;
        onFinish(step);
        if (this.#open.size === 0) this.#allFinished?.();
      },
    };
  }

  add(check: Check): void {
    if (this.checks.length < TEST_LIMITS.checks) this.checks.push(check);
    else this.leaveOut('checks');
  }

  /** Counts something that went over its limit. */
  leaveOut(kind: string, count = 1): void {
    this.leftOut[kind] = (this.leftOut[kind] ?? 0) + count;
  }

  /** Gives the steps that go on the time that they have taken so far. */
  settle(): void {
    for (const step of this.#open) step.durationMs = rounded(this.now() - step.atMs);
  }
}

/** Milliseconds with one decimal. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** The beginning of a text that may be long. */
export function cut(text: string): string {
  return text.length > TEST_LIMITS.text ? `${text.slice(0, TEST_LIMITS.text - 1)}…` : text;
}
