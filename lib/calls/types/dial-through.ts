import type { Failure } from '../../common';
import type { AudioSource } from '../../media';
import type { CallRef, OutgoingCall } from './call';
import type { DialOptions } from './phone';
import type { BridgeReport, SipReport } from './signalling';

/** Targets of a dial-through, and what becomes of the first call; the other options hold for each target. */
export interface DialThroughOptions extends Omit<DialOptions, 'target'> {
  /** 1 to 16, each as for `dial`. */
  targets: readonly string[];
  /** All targets at once, or one after the other; `parallel` when absent. */
  order?: 'parallel' | 'sequential';
  /**
   * What becomes of the first call when no target answers: it is refused with that failure (hung up, when it is answered
   * already), or kept as it is for the program. `reject` when absent.
   */
  onFailure?: 'reject' | 'keep';
  /**
   * Sound for a first call that is answered already, while a target rings without early media: `tone:ringback-us` when
   * absent, none when empty.
   */
  ringback?: AudioSource;
}

/** What became of one target. */
export interface DialAttempt {
  target: string;
  /** null when the call could not begin. */
  call: CallRef | null;
  /** `cancelled`: another target has answered, the first call has ended, or the dial-through was stopped. */
  result: 'answered' | 'failed' | 'cancelled';
  status: number | null;
  reason: string | null;
}

/** How a dial-through went. */
export type DialThroughOutcome =
  | {
      kind: 'joined';
      /** The call to the target that has answered. */
      call: OutgoingCall;
      sip: SipReport;
      attempts: DialAttempt[];
      /** Resolves when the calls are no longer joined; in `endedBy`, `call` is the first call. */
      finished: Promise<BridgeReport>;
    }
  | { kind: 'failed'; sip: SipReport; failure: Failure; attempts: DialAttempt[] };

/** Calls to targets on behalf of a first call, until one is joined with it, and from then on both. */
export interface DialThrough {
  /** An 18x of a target, or that it is dialled again. */
  on(event: 'progress', listener: (sip: SipReport, call: OutgoingCall) => void): () => void;
  /** Resolves once, when the first call is joined with a target or when it is known that it will not be; never rejects. */
  readonly outcome: Promise<DialThroughOutcome>;
  /** Gives the targets up and keeps the first call; parts calls that are joined, which both go on. */
  stop(): void;
}
