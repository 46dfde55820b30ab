import { type Clock, SafeEmitter } from '../../common';
import type { Subscription } from '../../sip';
import { reportNotify, reportRequest, subscriptionOutcome } from '../report/request-report';
import type { PhoneSubscription, PhoneSubscriptionEvents, RequestOutcome } from '../types';

/** A subscription of a phone, as programs see it. */
export class RunningSubscription extends SafeEmitter<PhoneSubscriptionEvents> implements PhoneSubscription {
  readonly outcome: Promise<RequestOutcome>;

  constructor(
    private readonly subscription: Subscription,
    clock: Clock,
  ) {
    super();
    const began = clock.now();
    const passed = (): number => clock.now() - began;
    subscription.on('accepted', (response, expires) =>
      this.emit('accepted', reportRequest('subscribed', response, passed()), expires),
    );
    subscription.on('notify', (notification) => this.emit('notify', reportNotify(notification)));
    this.outcome = new Promise((resolve) => {
      subscription.on('ended', (end) => {
        resolve(subscriptionOutcome(end, passed()));
        this.removeAllListeners();
      });
    });
  }

  get callId(): string {
    return this.subscription.callId;
  }

  stop(): Promise<void> {
    return this.subscription.stop();
  }
}
