import type { NodeAPI } from 'node-red';
import type {
  ExtraHeaders,
  Phone,
  PhoneSubscription,
  RequestOutcome,
  SubscribeRequest,
} from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import type { FlowMessage, Send } from '../shared/flow-types';
import { until } from '../shared/on-input';
import { sendNews } from '../shared/outputs';

/** Where the news of a subscription leave. */
const NEWS = 0;

/** The subscriptions that one node keeps, by Call-ID, so that later messages can end them. */
export class NodeSubscriptions {
  readonly #running = new Map<string, PhoneSubscription>();

  constructor(private readonly RED: NodeAPI) {}

  /**
   * Subscribes and sends a copy of the message for the 2xx and for each notification. Resolves when the subscription is
   * over; it is taken back when the node closes.
   *
   * @param request Event and Expires stand in its headers
   */
  async run(
    engine: Phone,
    { headers = {}, ...request }: Omit<SubscribeRequest, 'event' | 'expires'>,
    msg: FlowMessage,
    send: Send,
    signal: AbortSignal,
  ): Promise<RequestOutcome> {
    const expires = headerOf(headers, 'Expires');
    const subscription = engine.subscribe({
      ...request,
      headers: without(headers, ['event', 'expires']),
      event: headerOf(headers, 'Event') ?? '',
      ...(expires === undefined ? {} : { expires: Number(expires) }),
    });
    const { callId } = subscription;
    this.#running.set(callId, subscription);
    const tell = (sip: object): void => {
      if (!signal.aborted) sendNews(this.RED, send, NEWS, msg, { sip, subscription: callId });
    };
    subscription.on('accepted', tell);
    subscription.on('notify', tell);
    try {
      return await until(signal, subscription.outcome, () => void subscription.stop());
    } finally {
      this.#running.delete(callId);
    }
  }

  /** Ends one subscription, or all where none is named; their messages leave then. CALL_STATE when there is none. */
  stop(callId: unknown): void {
    const named = typeof callId === 'string' ? this.#running.get(callId) : undefined;
    const stopped = named ? [named] : typeof callId === 'string' ? [] : [...this.#running.values()];
    if (stopped.length === 0) {
      throw new SipflowError(
        'CALL_STATE',
        'This node has no such subscription, so there is nothing to stop.',
      );
    }
    for (const subscription of stopped) void subscription.stop();
  }
}

function headerOf(headers: ExtraHeaders, name: string): string | undefined {
  const found = Object.entries(headers).find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
  return Array.isArray(found) ? found[0] : found;
}

function without(headers: ExtraHeaders, names: readonly string[]): ExtraHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase())));
}
