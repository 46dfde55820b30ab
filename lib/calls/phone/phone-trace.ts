import { DEFAULTS } from '../../common';
import { MessageTrace, type MessageRecord, type TracedMessage } from '../../trace';

/** As many calls as there are tombstones, in 4 MiB. */
const LIMITS = { maxCalls: DEFAULTS.tombstoneCount, maxBytes: 4 * 1024 * 1024 };

/** Messages of a phone's calls. A call that was taken over has had several Call-IDs. */
export class PhoneTrace {
  readonly #trace = new MessageTrace(LIMITS);

  /** Keeps a message; returns the Call-ID that it belongs to, if there is one. */
  record(message: MessageRecord): string | undefined {
    return this.#trace.record(message);
  }

  /** In the order of time. */
  messages(callIds: readonly string[]): TracedMessage[] {
    if (callIds.length === 1) return this.#trace.messages(callIds[0]);
    return callIds.flatMap((callId) => this.#trace.messages(callId)).sort(byTime);
  }

  /** The same with their bytes, and how many had no room. */
  captured(callIds: readonly string[]): { messages: MessageRecord[]; leftOut: number } {
    const captured = callIds.map((callId) => this.#trace.capture(callId));
    return {
      messages: captured.flatMap(({ messages }) => messages).sort(byTime),
      leftOut: captured.reduce((sum, { leftOut }) => sum + leftOut, 0),
    };
  }
}

function byTime(one: { atMs: number }, other: { atMs: number }): number {
  return one.atMs - other.atMs;
}
