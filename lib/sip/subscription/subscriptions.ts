import { SipflowError, TurnoverMap } from '../../common';
import { extraHeaderFields, hasField, type HeaderField } from '../message/extra-headers';
import type { SipRequest } from '../message/sip-message';
import { TOKEN } from '../message/tokens';
import { assertBody } from '../request/body';
import type { ExchangeContext } from '../request/exchange';
import { ExpiringMap } from '../transaction/expiring-map';
import { targetUri } from '../transport/router';
import type { Peer } from '../transport/transport';
import type { SubscribeOptions } from '../types';
import { MAX_EXPIRES, OutgoingSubscription } from './subscription';

/** Subscriptions of one endpoint. */
const MAX_SUBSCRIPTIONS = 200;
const DEFAULT_EXPIRES = 3600;

/** Usual content type of a package's notifications (RFC 3842, 3856, 4235); some notifiers require it in Accept. */
const ACCEPT: Readonly<Record<string, string>> = {
  'message-summary': 'application/simple-message-summary',
  presence: 'application/pidf+xml',
  dialog: 'application/dialog-info+xml',
};

/** The subscriptions of one endpoint, found again for their NOTIFYs by Call-ID and our tag. */
export class Subscriptions {
  readonly #open = new TurnoverMap<string, OutgoingSubscription>();
  /** Subscriptions that we have ended, whose last NOTIFY may still come. */
  readonly #ended: ExpiringMap<true>;

  /** @param onChanged called when one has ended */
  constructor(
    private readonly host: ExchangeContext,
    private readonly onChanged: () => void,
  ) {
    this.#ended = new ExpiringMap(host.context.clock);
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Begins a subscription; what comes of it is told by its events.
   *
   * @throws SipflowError BAD_TARGET, BAD_CONFIG for event, time, headers or body, MAX_CALLS when 200 stand
   */
  open(options: SubscribeOptions): OutgoingSubscription {
    const { target, event, expires = DEFAULT_EXPIRES, headers, body } = options;
    targetUri(target);
    assertBody(body);
    const type = event.split(';', 1)[0]?.trim() ?? '';
    if (!TOKEN.test(type) || /[\r\n]/.test(event)) {
      throw new SipflowError(
        'BAD_CONFIG',
        'A subscription needs the name of an event package, such as message-summary, in the header Event.',
      );
    }
    if (!Number.isInteger(expires) || expires < 0 || expires > MAX_EXPIRES) {
      throw new SipflowError(
        'BAD_CONFIG',
        `Expires must be a whole number from 0 to ${MAX_EXPIRES} seconds.`,
      );
    }
    const fields = withAccept(extraHeaderFields(headers), type);
    if (this.#open.size >= MAX_SUBSCRIPTIONS) {
      throw new SipflowError('MAX_CALLS', `This phone has ${MAX_SUBSCRIPTIONS} subscriptions already.`);
    }
    const subscription: OutgoingSubscription = new OutgoingSubscription(
      this.host,
      { ...options, expires, fields },
      ({ kind }) => this.#over(subscription, kind === 'stopped'),
    );
    this.#open.set(keyOf(subscription.callId, subscription.localTag), subscription);
    subscription.start();
    return subscription;
  }

  /** Takes a NOTIFY with a To tag. False when it belongs to no subscription of ours. */
  receive(request: SipRequest, source: Peer, transaction: string): boolean {
    const key = keyOf(request.callId, request.toTag ?? '');
    const subscription = this.#open.get(key);
    if (!subscription && !this.#ended.get(key)) return false;
    const { agent, identity } = this.host.context;
    const { deliver, retryAfter, ...answer } = subscription?.answer(request) ?? { status: 200 };
    const extra: HeaderField[] = retryAfter === undefined ? [] : [['Retry-After', String(retryAfter)]];
    agent
      .openServer(request, source, transaction)
      .respond({ ...answer, fields: [...extra, ...identity.responseFields(extra)] });
    deliver?.();
    return true;
  }

  /** The endpoint closes: takes all of them back. */
  stopAll(): void {
    for (const subscription of [...this.#open.values()]) void subscription.stop();
  }

  /** Nothing is awaited any longer. */
  abort(): void {
    for (const subscription of [...this.#open.values()]) subscription.abort();
    this.#ended.clear();
  }

  #over({ callId, localTag }: OutgoingSubscription, expectsLast: boolean): void {
    const { clock } = this.host.context;
    const key = keyOf(callId, localTag);
    this.#open.delete(key);
    if (expectsLast) this.#ended.set(key, true, clock.transactionTimeout);
    this.onChanged();
  }
}

/** Adds Accept for a package that we know, and drops Event and Expires, which have their own options. */
function withAccept(given: HeaderField[], type: string): HeaderField[] {
  const fields = given.filter(([name]) => name !== 'Event' && name !== 'Expires');
  const accept = ACCEPT[type.toLowerCase()];
  return accept === undefined || hasField(fields, 'Accept') ? fields : [['Accept', accept], ...fields];
}

function keyOf(callId: string, localTag: string): string {
  return `${callId} ${localTag}`;
}
