import { type Clock, SafeEmitter, type TimerHandle } from '../../common';
import { reasonPhrase, type Subscription, type SubscriptionEnd } from '../../sip';
import { reportNotify, reportRequest, subscriptionOutcome } from '../report/request-report';
import type { PhoneSubscription, PhoneSubscriptionEvents, RequestOutcome } from '../types';

/** A subscription of a phone, as programs see it. */
export class RunningSubscription extends SafeEmitter<PhoneSubscriptionEvents> implements PhoneSubscription {
  readonly outcome: Promise<RequestOutcome>;
  #settle!: (outcome: RequestOutcome) => void;
  readonly #began: number;
  #timer: TimerHandle | undefined;
  #accepted = false;
  #notified = false;

  /** @param timeout seconds that the answer, and then the first notification, may take; as the stack allows when absent */
  constructor(
    private readonly subscription: Subscription,
    private readonly clock: Clock,
    private readonly timeout?: number,
  ) {
    super();
    this.#began = clock.now();
    this.outcome = new Promise((resolve) => (this.#settle = resolve));
    this.#limit();
    subscription.on('accepted', (response, expires) => {
      this.#accepted = true;
      this.#limit();
      this.emit('accepted', reportRequest('subscribed', response, this.#passed()), expires);
    });
    subscription.on('notify', (notification) => {
      this.#notified = true;
      this.#limit();
      this.emit('notify', reportNotify(notification));
    });
    subscription.on('ended', (end) => this.#end(end));
  }

  get callId(): string {
    return this.subscription.callId;
  }

  stop(): Promise<void> {
    return this.subscription.stop();
  }

  #passed(): number {
    return this.clock.now() - this.#began;
  }

  /** Limits the time for what is still awaited. */
  #limit(): void {
    this.clock.clearTimeout(this.#timer);
    if (!this.timeout || (this.#accepted && this.#notified)) return;
    this.#timer = this.clock.setTimeout(() => this.#timedOut(), this.timeout * 1000);
  }

  /** What still comes is answered and taken back by the stack. */
  #timedOut(): void {
    const response = { status: 408, reason: reasonPhrase(408), headers: {} };
    this.#end(this.#accepted ? { kind: 'silent' } : { kind: 'refused', response });
    void this.subscription.stop();
  }

  #end(end: SubscriptionEnd): void {
    this.clock.clearTimeout(this.#timer);
    this.#settle(subscriptionOutcome(end, this.#passed()));
    this.removeAllListeners();
  }
}
