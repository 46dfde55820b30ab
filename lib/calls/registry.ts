import { type Clock, DEFAULTS, SipflowError, systemClock, TurnoverMap } from '../common';
import type { Call, CallInfo, CallLookup, CallRef, IncomingCall, OutgoingCall, Tombstone } from './types';

type AnyCall = IncomingCall | OutgoingCall;

type Remains = Pick<Tombstone, 'receivedDigits' | 'mediaStartedAt' | 'callIds' | 'recordings'>;

const NOTHING: Remains = { receivedDigits: [], mediaStartedAt: undefined, callIds: [], recordings: [] };
const NO_MESSAGES: Pick<Tombstone, 'trace' | 'capture'> = {
  trace: () => [],
  capture: async () => ({ mode: 'off', messages: [], packets: [], leftOut: { messages: 0, packets: 0 } }),
};

/**
 * The calls of a world by id: live ones, and for a while the tombstones of ended ones, so that a
 * message that comes late learns who ended the call. Tombstones expire on access, so that no timer is needed.
 *
 * @typeParam Own class of the calls for the code that made them, see `own`
 */
export class CallRegistry<Own extends AnyCall = AnyCall> implements CallLookup {
  readonly #live = new TurnoverMap<string, Own>();
  /** In order of burial, oldest first. */
  readonly #tombstones = new TurnoverMap<string, Tombstone>();
  /** No tombstone expires before, in wall-clock milliseconds. */
  #nextExpiry = 0;

  constructor(
    private readonly clock: Clock = systemClock,
    private readonly limits = { ms: DEFAULTS.tombstoneSeconds * 1000, count: DEFAULTS.tombstoneCount },
  ) {}

  get liveCount(): number {
    return this.#live.size;
  }

  get tombstoneCount(): number {
    this.#expire();
    return this.#tombstones.size;
  }

  add(call: Own): void {
    this.#live.set(call.id, call);
  }

  /** Moves a call from the living to the tombstones, with what is to be known of it still. */
  bury(
    ref: CallRef,
    info: CallInfo,
    { trace, capture }: Pick<Tombstone, 'trace' | 'capture'> = NO_MESSAGES,
    { receivedDigits, mediaStartedAt, callIds, recordings }: Remains = NOTHING,
  ): void {
    this.#live.delete(ref.id);
    const endedAt = this.clock.wallNow();
    const remains = { receivedDigits, mediaStartedAt, callIds, recordings };
    this.#tombstones.set(ref.id, { ref, info, endedAt, ...remains, trace, capture });
    this.#expire();
  }

  live(reference: unknown): Own {
    const found = this.find(reference);
    if ('call' in found) return found.call;
    throw callEnded(found.tombstone.info);
  }

  /**
   * The call behind its public face.
   *
   * @throws SipflowError CALL_ENDED, or CALL_UNKNOWN for a call of another world
   */
  own(call: Call): Own {
    const found = this.#live.get(callId(call));
    if (found) return found;
    this.live(call);
    throw new SipflowError('CALL_UNKNOWN', `The call ${call.id} belongs to another world.`, {
      field: 'call',
    });
  }

  find(reference: unknown): { call: Own } | { tombstone: Tombstone } {
    const id = callId(reference);
    const call = this.#live.get(id);
    if (call) return { call };
    this.#expire();
    const tombstone = this.#tombstones.get(id);
    if (tombstone) return { tombstone };
    throw new SipflowError(
      'CALL_UNKNOWN',
      `There is no call "${id.slice(0, 80)}"; an ended one is remembered for ${Math.round(this.limits.ms / 60000)} minutes.`,
      { field: 'call' },
    );
  }

  get running(): readonly Own[] {
    return [...this.#live.values()];
  }

  get ended(): readonly Tombstone[] {
    this.#expire();
    return [...this.#tombstones.values()];
  }

  #expire(): void {
    const now = this.clock.wallNow();
    while (this.#tombstones.size > this.limits.count || now >= this.#nextExpiry) {
      const oldest = this.#tombstones.first();
      if (!oldest) return;
      const [id, { endedAt }] = oldest;
      this.#nextExpiry = endedAt + this.limits.ms;
      if (this.#tombstones.size <= this.limits.count && now < this.#nextExpiry) return;
      this.#tombstones.delete(id);
    }
  }
}

/** Error of an action on a call that has ended. */
export function callEnded(info: CallInfo): SipflowError {
  const who = { local: 'by this side', remote: 'by the other side', error: 'by an error' }[
    info.endedBy ?? 'error'
  ];
  // A call that was answered, or still rang, did not end with that response.
  const { status, reason } = info;
  const response = status && status >= 300 ? ` with ${status}${reason ? ` ${reason}` : ''}` : '';
  return new SipflowError(
    'CALL_ENDED',
    `The call was ended ${who}${response} at ${info.endedAt ?? 'an unknown time'}.`,
  );
}

function callId(reference: unknown): string {
  if (typeof reference === 'string' && reference !== '') return reference;
  if (typeof reference === 'object' && reference !== null && 'id' in reference) {
    const { id } = reference;
    if (typeof id === 'string' && id !== '') return id;
  }
  throw new SipflowError('CALL_UNKNOWN', `No call was given (got ${describe(reference)}).`, {
    field: 'call',
  });
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string' || typeof value === 'number') return `"${String(value).slice(0, 40)}"`;
  return typeof value === 'object' ? 'an object without an id' : `a ${typeof value}`;
}
