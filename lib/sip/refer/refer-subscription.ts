import type { TimerHandle } from '../../common';
import { parseParameters } from '../message/header-values';
import type { SipClock } from '../transaction/timer-settings';
import type { ExtraHeaders, IncomingDialogRequest, SipDialog } from '../types';
import { nextReferStep, type ReferEvent, type ReferOutcome, type ReferProgress } from './refer-progress';
import { parseSipfrag, type ReferStatus } from './sipfrag';

export interface ReferOptions {
  /** Value of Refer-To, see `formatReferTo`. */
  referTo: string;
  /** Our URI, for Referred-By (RFC 3892). */
  referredBy: string;
  headers?: ExtraHeaders;
  clock: SipClock;
  /** Aborted when we end the call ourselves: nothing is awaited then. */
  signal?: AbortSignal;
  /** A provisional status of the new call; each status once. */
  onProgress(report: ReferStatus): void;
}

/**
 * Sends REFER in a dialog and follows the subscription that it makes (RFC 3515) until the outcome is known.
 * Resolves at the latest when the subscription expires; never rejects, except for headers that must not be set.
 */
export function sendRefer(dialog: SipDialog, options: ReferOptions): Promise<ReferOutcome> {
  return new Promise((resolve, reject) => {
    new ReferSubscription(dialog, options, resolve).start().catch(reject);
  });
}

/** The subscriber's side of one REFER. */
class ReferSubscription {
  #progress: ReferProgress = { phase: 'sent' };
  #timer: TimerHandle | undefined;
  /** CSeq of the REFER, which is the id of its subscription. */
  #id: number | undefined;
  readonly #stopListening: (() => void)[];

  constructor(
    private readonly dialog: SipDialog,
    private readonly options: ReferOptions,
    private readonly settle: (outcome: ReferOutcome) => void,
  ) {
    // A NOTIFY may overtake the response to the REFER, so that the listeners must be there first.
    this.#stopListening = [
      dialog.on('request', (request) => this.#received(request)),
      dialog.on('bye', () => this.#step({ type: 'ended' })),
      dialog.on('broken', () => this.#step({ type: 'ended' })),
    ];
    const abort = (): void => this.#step({ type: 'ended' });
    options.signal?.addEventListener('abort', abort, { once: true });
    this.#stopListening.push(() => options.signal?.removeEventListener('abort', abort));
  }

  async start(): Promise<void> {
    const { referTo, referredBy, headers } = this.options;
    try {
      const response = await this.dialog.request('REFER', {
        headers: { ...headers, 'Refer-To': referTo, 'Referred-By': `<${referredBy}>` },
        onSent: (cseq) => (this.#id = cseq),
      });
      const { status, reason } = response;
      const subscribed = response.headers['Refer-Sub']?.[0]?.trim().toLowerCase() !== 'false';
      this.#step({ type: 'response', status, reason, subscribed });
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  #received(incoming: IncomingDialogRequest): void {
    const { method, headers, body } = incoming.request;
    if (method !== 'NOTIFY' || !this.#isOurs(headers['Event']?.[0] ?? '')) return;
    const state = headers['Subscription-State']?.[0];
    if (state === undefined) {
      incoming.respond({ status: 400, reason: 'Missing Subscription-State' });
      return;
    }
    incoming.respond({ status: 200 });
    const expires = Number(parseParameters(state).get('expires') ?? NaN);
    const report = parseSipfrag(body);
    this.#step({
      type: 'notify',
      state: /^\s*terminated\b/i.test(state) ? 'terminated' : 'active',
      ...(Number.isFinite(expires) ? { expires } : {}),
      ...(report ? { report } : {}),
    });
  }

  /** Whether a NOTIFY is for this subscription: an `id` names the CSeq of its REFER (RFC 3515, 2.4.6). */
  #isOurs(event: string): boolean {
    if (!/^\s*refer\s*(?:;|$)/i.test(event)) return false;
    const id = parseParameters(event).get('id');
    return id === undefined || this.#id === undefined || Number(id) === this.#id;
  }

  #step(event: ReferEvent): void {
    const { next, progress, outcome, patienceMs } = nextReferStep(
      this.#progress,
      event,
      this.options.clock.transactionTimeout,
    );
    this.#progress = next;
    if (patienceMs !== undefined) {
      this.options.clock.clearTimeout(this.#timer);
      this.#timer = this.options.clock.setTimeout(() => this.#step({ type: 'timeout' }), patienceMs);
    }
    if (progress) this.options.onProgress(progress);
    if (!outcome) return;
    this.#stop();
    this.settle(outcome);
  }

  #stop(): void {
    this.options.clock.clearTimeout(this.#timer);
    for (const stop of this.#stopListening) stop();
  }
}
