import type { Check, NodeName } from '../types';

/**
 * `waiting` for its phones, `running`, `concluding` (calls are hung up, evidence is gathered), `done`.
 */
export type AttemptState = 'waiting' | 'running' | 'concluding' | 'done';

/** What ends an attempt: exactly one of these, the first that comes. */
export type Ending =
  /** It came to its test end. */
  | { by: 'end'; result: 'checks' | 'failed' | 'skipped'; reason?: string; node: NodeName }
  /** A check failed that stops the test. */
  | { by: 'check'; check: Check }
  /** Something went wrong that the test did not handle. */
  | { by: 'error'; code: string; message: string; node?: NodeName }
  | { by: 'timeout'; timeoutMs: number }
  /** From outside: the run was stopped, or the test case is gone. */
  | { by: 'stop'; message: string };

/** Where an attempt is. */
export interface Phase {
  readonly state: AttemptState;
  /** From `concluding` on. */
  readonly ending?: Ending;
  /** When it ended, milliseconds since it began. */
  readonly endedAtMs?: number;
}

export type AttemptEvent =
  /** It holds its phones. */
  | { kind: 'begin' }
  | { kind: 'ending'; ending: Ending; atMs: number }
  /** Its calls are over and its evidence is complete, or the time for that is over. */
  | { kind: 'concluded' };

/** What is to be done after an event, in this order. */
export type AttemptEffect =
  'start-timer' | 'send-first-message' | 'stop-timer' | 'release-waiters' | 'conclude' | 'report';

/** The phase of a new attempt. */
export const WAITING: Phase = { state: 'waiting' };

const NOTHING: readonly AttemptEffect[] = [];

/**
 * The life of an attempt: `waiting → running → concluding → done`. An event that does not apply, such as a second
 * ending, changes nothing and has no effects.
 */
export function nextPhase(
  phase: Phase,
  event: AttemptEvent,
): { phase: Phase; effects: readonly AttemptEffect[] } {
  switch (event.kind) {
    case 'begin':
      if (phase.state !== 'waiting') break;
      return { phase: { state: 'running' }, effects: ['start-timer', 'send-first-message'] };
    case 'ending': {
      if (phase.state !== 'waiting' && phase.state !== 'running') break;
      const { ending, atMs } = event;
      return {
        phase: { state: 'concluding', ending, endedAtMs: atMs },
        // Steps that go on when a test comes to its end are leaks, so they are not interrupted before they are counted.
        effects:
          ending.by === 'end' ? ['stop-timer', 'conclude'] : ['stop-timer', 'release-waiters', 'conclude'],
      };
    }
    case 'concluded':
      if (phase.state !== 'concluding') break;
      return { phase: { ...phase, state: 'done' }, effects: ['release-waiters', 'report'] };
  }
  return { phase, effects: NOTHING };
}
