import type { TimerHandle } from '../common/clock';
import { SafeEmitter } from '../common/emitter';
import { SipflowError } from '../common/errors';
import type { SipContext } from './context';
import type { CoreDialog } from './core-adapter/core-dialog';
import type { InviteClient } from './core-adapter/invite-client';
import { localOutcome, type FinalOutcome } from './core-adapter/outcomes';
import { Dialog } from './dialog';
import { extraHeaderFields, type HeaderField } from './message/extra-headers';
import type { SipResponse } from './message/sip-message';
import { isSipScheme, parseSipUri } from './message/uri';
import { randomToken } from './reliability/tokens';
import { transactionTimeout } from './reliability/timer-settings';
import type { Peer } from './transport/transport';
import type { MessageBody, OutgoingInvite, OutgoingInviteEvents, OutgoingInviteOptions } from './types';

/** An INVITE of ours from its first transmission to the dialog or the failure that comes of it. */
export class OutgoingInviteCall extends SafeEmitter<OutgoingInviteEvents> implements OutgoingInvite {
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly #fromTag = randomToken();
  readonly #fields: HeaderField[];
  /** Early dialogs by To tag: one per fork (RFC 3261, 12.1). */
  readonly #early = new Map<string, Dialog>();
  /** Last 18x of each fork, to tell a repetition from news. */
  readonly #lastProgress = new Map<string, string>();
  #client: InviteClient | undefined;
  #cancelTimer: TimerHandle | undefined;
  #cancelled = false;
  #settled = false;

  /**
   * @param onSettled called once, when the INVITE is answered, has failed, or is given up
   * @throws SipflowError BAD_TARGET for a target that is no SIP URI, BAD_CONFIG for a header that SIPFLOW sets
   */
  constructor(
    private readonly context: SipContext,
    private readonly options: OutgoingInviteOptions,
    private readonly onSettled: () => void,
  ) {
    super();
    const target = parseSipUri(options.target);
    if (!target || !isSipScheme(target.scheme)) {
      throw new SipflowError('BAD_TARGET', `"${options.target}" is not a SIP URI: use sip:user@host.`);
    }
    this.callId = options.callId ?? randomToken();
    this.from = context.identity.uri;
    this.to = options.target;
    this.#fields = extraHeaderFields(options.headers);
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Sends the INVITE. What follows is told by events, never before this function has returned. */
  start(destination: Peer): void {
    this.#client = this.context.agent.invite(
      {
        target: this.options.target,
        callId: this.callId,
        fromTag: this.#fromTag,
        cseq: 1,
        fields: this.#fields,
        body: this.options.body,
        destination,
      },
      {
        progress: (response, dialog) => this.#progressed(response, dialog),
        accepted: (response, dialog) => this.#accepted(response, dialog),
        failed: (outcome) => this.#failed(outcome),
      },
    );
  }

  cancel(): void {
    if (this.#settled || this.#cancelled) return;
    this.#cancelled = true;
    this.#client?.cancel();
    this.#cancelTimer = this.context.clock.setTimeout(() => {
      this.#client?.dispose();
      this.#fail(localOutcome(487, 'timeout'));
    }, transactionTimeout());
  }

  #progressed(response: SipResponse, core: CoreDialog | undefined): void {
    if (this.#settled) return;
    const tag = response.toTag ?? '';
    if (core && !this.#early.has(tag)) this.#early.set(tag, new Dialog(this.context, core));
    const news = [response.status, response.headers.first('RSeq') ?? '', response.body?.content ?? ''].join(
      '\n',
    );
    if (this.#lastProgress.get(tag) === news) return;
    this.#lastProgress.set(tag, news);
    this.emit('progress', response.toInfo());
  }

  #accepted(response: SipResponse, core: CoreDialog): void {
    const tag = response.toTag ?? '';
    const dialog = this.#early.get(tag) ?? new Dialog(this.context, core);
    this.#early.delete(tag);
    dialog.confirm();
    if (this.#settled || this.#cancelled) {
      // Another fork answered too, or the answer crossed our CANCEL (RFC 3261, 13.2.2.4 and 15).
      core.ack();
      void dialog.bye();
      if (!this.#settled) this.#fail(localOutcome(487, 'remote'));
      return;
    }
    const info = response.toInfo();
    core.ack({ body: this.options.body ? undefined : this.#lateAnswer(info) });
    this.#settle();
    this.emit('answered', info, dialog);
  }

  #lateAnswer(info: ReturnType<SipResponse['toInfo']>): MessageBody | undefined {
    try {
      return this.options.answerLateOffer?.(info);
    } catch (error) {
      // The ACK must go out whatever the flow makes of the offer; the call then has no media.
      process.emitWarning(error instanceof Error ? error : String(error), { type: 'SipflowListenerFault' });
      return undefined;
    }
  }

  #failed(outcome: FinalOutcome): void {
    if (this.#settled) return;
    const givenUp = this.#cancelled && outcome.origin !== 'remote';
    this.#fail(givenUp ? localOutcome(487, outcome.origin) : outcome);
  }

  #fail({ info, origin }: FinalOutcome): void {
    this.#settle();
    this.emit('failed', info, origin);
  }

  #settle(): void {
    this.#settled = true;
    this.context.clock.clearTimeout(this.#cancelTimer);
    for (const dialog of this.#early.values()) dialog.close();
    this.#early.clear();
    this.onSettled();
  }
}
