import { SafeEmitter, type TimerHandle } from '../../common';
import { AuthScope } from '../auth';
import type { HeaderField } from '../message/extra-headers';
import type { SipRequest } from '../message/sip-message';
import { readSeconds } from '../registration/contacts';
import { refreshDelayMs, retryDelayMs } from '../registration/schedule';
import { exchange, type ExchangeContext } from '../request/exchange';
import type { FinalOutcome } from '../transaction/outcomes';
import type {
  MessageBody,
  SipResponseInfo,
  SubscribeOptions,
  Subscription,
  SubscriptionEnd,
  SubscriptionEvents,
} from '../types';
import { Allowance } from '../request/allowance';
import { NotifyDialog } from './notify-dialog';
import { isSameEvent, readSubscriptionState, type SubscriptionState } from './subscription-state';

/** Options of a subscription, once they are checked. */
export interface SubscriptionRequest extends SubscribeOptions {
  expires: number;
  fields: readonly HeaderField[];
}

/** The answer to a NOTIFY, before any listener hears of it. */
export interface NotifyAnswer {
  status: number;
  reason?: string;
  retryAfter?: number;
}

/** 423 answers in a row that are followed. */
const MAX_RAISES = 3;
/** A week: a notifier that insists on more is not followed. */
export const MAX_EXPIRES = 604_800;
/** NOTIFYs a second that a flow gets, and as many at once; those beyond get 503 with Retry-After. */
const NOTIFIES_PER_SECOND = 50;
/** Answers to a refresh after which the subscription is gone (RFC 6665, 4.1.2.2 and RFC 5057, 5.1). */
const GONE: readonly number[] = [404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604];

/**
 * One subscription of ours (RFC 6665, 4.1): asks for it, refreshes it in time, follows 423, tells of its
 * notifications, and takes it back. One SUBSCRIBE is under way at a time.
 */
export class OutgoingSubscription extends SafeEmitter<SubscriptionEvents> implements Subscription {
  readonly #dialog: NotifyDialog;
  readonly #scope: AuthScope;
  readonly #allowance: Allowance;
  #expires: number;
  #phase: 'new' | 'active' | 'stopping' | 'over' = 'new';
  #underWay = false;
  #notified = false;
  #raises = 0;
  #failures = 0;
  /** Clock time at which it ends unless it is refreshed. */
  #endsAt = 0;
  #timer: TimerHandle | undefined;
  #silenceTimer: TimerHandle | undefined;
  #stopped: (() => void)[] = [];

  /**
   * @param onOver called once, when nothing is asked for any longer; its last NOTIFY may still come when we have
   *   stopped it
   */
  constructor(
    private readonly host: ExchangeContext,
    private readonly request: SubscriptionRequest,
    private readonly onOver: (end: SubscriptionEnd) => void,
  ) {
    super();
    const { context } = host;
    this.#dialog = new NotifyDialog(request.target, context.serviceRoute());
    this.#scope = new AuthScope(context.credentials);
    this.#allowance = new Allowance(context.clock, NOTIFIES_PER_SECOND);
    this.#expires = request.expires;
  }

  get callId(): string {
    return this.#dialog.callId;
  }

  get localTag(): string {
    return this.#dialog.localTag;
  }

  start(): void {
    this.#subscribe(this.#expires);
  }

  stop(): Promise<void> {
    if (this.#phase === 'over') return Promise.resolve();
    const stopped = new Promise<void>((resolve) => this.#stopped.push(resolve));
    if (this.#phase !== 'stopping') {
      this.#phase = 'stopping';
      this.#clearTimers();
      // A second SUBSCRIBE may not overtake the first; its answer leads on.
      if (!this.#underWay) this.#subscribe(0);
    }
    return stopped;
  }

  /** Ends at once, without a message. */
  abort(): void {
    if (this.#phase !== 'over') this.#end({ kind: 'stopped' });
  }

  /** Judges a NOTIFY with our tag; `deliver` tells the listeners of one that got a 200. */
  answer(request: SipRequest): NotifyAnswer & { deliver?: () => void } {
    const info = request.toInfo();
    if (this.#phase === 'over' || !isSameEvent(info.headers['Event']?.[0] ?? '', this.request.event)) {
      return { status: 481 };
    }
    const state = readSubscriptionState(info.headers);
    if (!state) return { status: 400, reason: 'Missing Subscription-State' };
    if (state.state !== 'terminated' && !this.#allowance.take()) return { status: 503, retryAfter: 1 };
    const place = this.#dialog.accepts(request);
    if (place !== 'yes') return { status: place === 'no' ? 481 : 500 };
    return {
      status: 200,
      deliver: () => this.#take(state, () => this.emit('notify', { ...state, request: info })),
    };
  }

  #take(state: SubscriptionState, tell: () => void): void {
    this.#notified = true;
    this.host.context.clock.clearTimeout(this.#silenceTimer);
    tell();
    // A listener may have stopped it.
    if (this.#isOver()) return;
    if (state.state === 'terminated' || this.#expires === 0) {
      const { reason, retryAfter } = state;
      this.#end({
        kind: this.#phase === 'stopping' ? 'stopped' : this.#expires === 0 ? 'fetched' : 'terminated',
        ...(reason === undefined ? {} : { reason }),
        ...(retryAfter === undefined ? {} : { retryAfter }),
      });
      return;
    }
    // The notifier may shorten it (RFC 6665, 4.2.1.4); a longer time comes with our own refresh.
    const { clock } = this.host.context;
    const { expires } = state;
    if (this.#phase !== 'active' || this.#underWay || expires === undefined) return;
    if (clock.now() + expires * 1000 < this.#endsAt - 2000) this.#granted(expires);
  }

  #subscribe(expires: number): void {
    const { context } = this.host;
    const { target, destination, fields, body } = this.request;
    const dialog = this.#dialog;
    const first = dialog.remoteTag === undefined;
    this.#underWay = true;
    exchange(
      this.host,
      {
        method: 'SUBSCRIBE',
        target: dialog.remoteTarget,
        to: target,
        callId: dialog.callId,
        fromTag: dialog.localTag,
        ...(dialog.remoteTag === undefined ? {} : { toTag: dialog.remoteTag }),
        nextCSeq: () => dialog.nextCSeq(),
        routes: dialog.routes,
        fields: [['Event', this.request.event], ['Expires', String(expires)], ...fields],
        ...this.#bodyOf(expires, body),
        ...(first && destination
          ? { destination: { transport: this.host.router.transport, ...destination } }
          : {}),
        dialled: context.trust.dialled(target),
        scope: this.#scope,
      },
      (outcome) => {
        this.#underWay = false;
        if (!this.#isOver()) this.#answered(outcome, expires);
      },
    );
  }

  /** Body (the filter) of a SUBSCRIBE; none when it ends the subscription, for the notifier has it already. */
  #bodyOf(expires: number, body: MessageBody | undefined): { body?: MessageBody } {
    return body === undefined || (expires === 0 && this.#phase === 'stopping') ? {} : { body };
  }

  #answered({ info }: FinalOutcome, asked: number): void {
    const { status, headers } = info;
    if (status < 300) this.#dialog.answered(info);
    if (this.#phase === 'stopping') {
      const mayStand = asked > 0 && (status < 300 || this.#dialog.remoteTag !== undefined);
      if (mayStand) this.#subscribe(0);
      else this.#end({ kind: 'stopped', response: info });
      return;
    }
    if (status === 423 && this.#raise(readSeconds(headers['Min-Expires']?.[0]))) {
      this.#subscribe(this.#expires);
      return;
    }
    if (status < 300) this.#succeeded(info, asked);
    else if (this.#phase === 'new') this.#end({ kind: 'refused', response: info });
    else this.#refreshFailed(info);
  }

  #succeeded(info: SipResponseInfo, asked: number): void {
    const { clock } = this.host.context;
    this.#raises = 0;
    this.#failures = 0;
    const isFirst = this.#phase === 'new';
    const granted = Math.min(readSeconds(info.headers['Expires']?.[0]) ?? asked, MAX_EXPIRES);
    this.#phase = 'active';
    if (granted > 0) this.#granted(granted);
    if (!isFirst) return;
    if (!this.#notified) {
      // Timer N (RFC 6665, 4.1.2.4).
      this.#silenceTimer = clock.setTimeout(() => {
        this.#end({ kind: 'silent', response: info });
      }, clock.transactionTimeout);
    }
    this.emit('accepted', info, granted);
  }

  #granted(seconds: number): void {
    this.#endsAt = this.host.context.clock.now() + seconds * 1000;
    this.#schedule(refreshDelayMs(seconds, Math.random));
  }

  /** Until its time is over the subscription stands (RFC 6665, 4.1.2.2). */
  #refreshFailed(info: SipResponseInfo): void {
    const leftMs = this.#endsAt - this.host.context.clock.now();
    if (GONE.includes(info.status) || leftMs <= 0) {
      this.#end({ kind: 'expired', response: info });
      return;
    }
    this.#failures += 1;
    const retryAfter = readSeconds(info.headers['Retry-After']?.[0]);
    this.#schedule(Math.min(leftMs, retryDelayMs(this.#failures, false, retryAfter, Math.random)));
  }

  #schedule(ms: number): void {
    const { clock } = this.host.context;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.#subscribe(this.#expires), ms);
  }

  #raise(minimum: number | undefined): boolean {
    if (minimum === undefined || minimum <= this.#expires || minimum > MAX_EXPIRES) return false;
    if (this.#expires === 0 || this.#raises >= MAX_RAISES) return false;
    this.#raises += 1;
    this.#expires = minimum;
    return true;
  }

  #isOver(): boolean {
    return this.#phase === 'over';
  }

  #end(end: SubscriptionEnd): void {
    this.#phase = 'over';
    this.#clearTimers();
    this.onOver(end);
    this.emit('ended', end);
    this.removeAllListeners();
    for (const resolve of this.#stopped.splice(0)) resolve();
  }

  #clearTimers(): void {
    const { clock } = this.host.context;
    clock.clearTimeout(this.#timer);
    clock.clearTimeout(this.#silenceTimer);
  }
}
