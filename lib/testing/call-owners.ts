import { TurnoverMap } from '../common';
import { TEST_HEADER, type TestAttempt } from './attempt/attempt';
import type { AnyCall } from './attempt/conclusion';

/** Which attempt has which call, and what its calls are known by. */
export class CallOwners {
  readonly #byMark = new TurnoverMap<string, TestAttempt>();
  readonly #byCall = new TurnoverMap<string, TestAttempt>();
  readonly #byCallId = new TurnoverMap<string, TestAttempt>();

  /** The attempt runs from now on, and its mark counts. */
  begun(attempt: TestAttempt): void {
    if (attempt.mark !== undefined) this.#byMark.set(attempt.mark, attempt);
  }

  /** The attempt is over; its calls have left it before. */
  ended({ mark }: TestAttempt): void {
    if (mark !== undefined) this.#byMark.delete(mark);
  }

  /** The call is the attempt's, and no longer that of another one. */
  joined(attempt: TestAttempt, call: AnyCall): void {
    const { id, ref } = call;
    const before = this.#byCall.get(id);
    if (before !== attempt) before?.disown(call);
    this.#byCall.set(id, attempt);
    this.#byCallId.set(ref.callId, attempt);
  }

  left(attempt: TestAttempt, { id, ref }: AnyCall): void {
    if (this.#byCall.get(id) === attempt) this.#byCall.delete(id);
    if (this.#byCallId.get(ref.callId) === attempt) this.#byCallId.delete(ref.callId);
  }

  /** @param id ours, of the call */
  of(id: string): TestAttempt | undefined {
    return this.#byCall.get(id);
  }

  /** The attempt whose mark the INVITE of a call carries. Anybody can send one: ask whether it counts. */
  marking({ direction, lastSip }: AnyCall): TestAttempt | undefined {
    const mark = direction === 'in' ? lastSip.headers?.[TEST_HEADER]?.[0] : undefined;
    return mark === undefined ? undefined : this.#byMark.get(mark);
  }

  /** The attempt that has a call with the same Call-ID. */
  sharing({ ref }: AnyCall): TestAttempt | undefined {
    return this.#byCallId.get(ref.callId);
  }
}
