import type { CodecName } from '../../audio';
import { SipflowError } from '../../common';
import type { BaseCall } from '../call';
import { ReceivedCall } from '../incoming-call';
import { isOver, isUnanswered } from '../state';
import type { SipReport } from '../types';
import { codecsOf, type FirstInvite } from './carried';
import { reasonFor, responseFor } from './failure';

/** Calls for which targets are being called. */
const dialling = new WeakSet<BaseCall>();

/** The first call of a dial-through: what its caller is told depends on whether it is answered already. */
export class FirstCall {
  /** Starts the clock of the answer again, which rests meanwhile. */
  readonly #resumeClock: () => void;
  readonly #received: ReceivedCall | undefined;

  /** @throws SipflowError CALL_ENDED; CALL_STATE for a call that rings elsewhere, is being answered, or has a dial-through */
  constructor(readonly call: BaseCall) {
    if (isOver(call.state)) throw new SipflowError('CALL_ENDED', 'The first call has ended.');
    const received = call instanceof ReceivedCall ? call : undefined;
    if (call.state !== 'answered' && !(received && isUnanswered(call.state))) {
      throw new SipflowError(
        'CALL_STATE',
        `The first call is ${call.state}; it must be answered, or have come in and wait for an answer.`,
      );
    }
    if (dialling.has(call)) {
      throw new SipflowError(
        'CALL_STATE',
        'Targets are being called for this call already; wait for the outcome, or stop that first.',
      );
    }
    dialling.add(call);
    this.#received = received;
    this.#resumeClock = received?.restNoAnswer() ?? (() => undefined);
  }

  /** Its INVITE, when it has come in. */
  get invite(): FirstInvite | undefined {
    return this.#received?.invite;
  }

  /** Tells the caller that a target rings. */
  ring(): void {
    if (this.call.state === 'new') this.#received?.ring({ ring: true, timeout: 0, status: 480 });
  }

  /**
   * Opens the audio before the answer, with that codec where the caller offers it. CALL_STATE when the caller takes no
   * early media; NO_COMMON_CODEC and others, when the call was refused.
   */
  async openEarly(codec: CodecName): Promise<void> {
    await this.#withCodec(codec, (received) => received.startEarlyMedia());
  }

  /** Answers the call, with that codec where the caller offers it; does nothing when it is answered. Rejects as `answer`. */
  async answer(codec: CodecName): Promise<void> {
    await this.#withCodec(codec, (received) => received.answer());
  }

  /** Passes a failure on to the caller. Never rejects. */
  async refuse(sip: SipReport, headers: { Reason?: string }): Promise<void> {
    const { call } = this;
    if (isOver(call.state)) return;
    if (this.#received && isUnanswered(call.state)) {
      await this.#received.reject({ ...responseFor(sip), headers });
    } else {
      await call.hangup({ headers: { Reason: reasonFor(sip), ...headers } });
    }
  }

  /** The dial-through is over; an unanswered call has its time for the answer again. */
  release(): void {
    dialling.delete(this.call);
    this.#resumeClock();
  }

  /** Narrows the answer to one codec, so that the audio needs no transcoding; later offers may take any. */
  async #withCodec(codec: CodecName, act: (received: ReceivedCall) => Promise<unknown>): Promise<void> {
    const received = this.#received;
    if (!received || !isUnanswered(this.call.state)) return;
    const restore = codecsOf(this.call.sdp).includes(codec) ? received.agreeOn(codec) : undefined;
    try {
      await act(received);
    } finally {
      restore?.();
    }
  }
}
