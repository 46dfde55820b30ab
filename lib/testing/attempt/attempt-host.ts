import type { Clock } from '../../common';
import type { TestCase } from '../test-case';
import type { Artefact, Attempt, Step } from '../types';
import type { TestAttempt } from './attempt';
import type { AnyCall } from './conclusion';
import type { CaptureSettings } from './save-captures';

/** What an attempt needs from those who know all attempts. */
export interface AttemptHost {
  readonly clock: Clock;
  /** The attempt holds its phones and begins. */
  begun(attempt: TestAttempt): void;
  stepped(attempt: TestAttempt, step: Step): void;
  /**
   * The call is the attempt's from now on, and nobody else's.
   *
   * @param beganMs when it began, by the clock
   */
  joined(attempt: TestAttempt, call: AnyCall, beganMs: number): void;
  /** Whether the audio of calls is watched over time. */
  readonly watchesAudio: boolean;
  /** Whether the outcome is to have the messages of its calls. Asked once for each attempt. */
  keepsMessages(outcome: Pick<Attempt, 'status' | 'reason'>): boolean;
  /** Name of a phone of the attempt, by its id. */
  phoneName(attempt: TestAttempt, id: string): string | undefined;
  /** The call is the attempt's no longer: it is over, or one of the calls that had no evidence has ended. */
  left(attempt: TestAttempt, call: AnyCall): void;
  /** Where the packets of calls are saved; undefined when they are not. */
  readonly captures: CaptureSettings | undefined;
  /** Something that came too late to change the outcome. */
  late(attempt: TestAttempt, message: string): void;
  /** Further files for a judged attempt; undefined when nobody makes any. */
  collect(attempt: Attempt, testCase: TestCase): Promise<Artefact[]> | undefined;
  done(attempt: TestAttempt, outcome: Attempt): void;
}
