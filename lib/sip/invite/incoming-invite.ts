import { SafeEmitter, SipflowError, type TimerHandle } from '../../common';
import type { SipContext } from '../dialog/context';
import { Dialog } from '../dialog/dialog';
import type { OpenOffer } from '../dialog/offer-glare';
import { SUPPORTED } from '../message/capabilities';
import { extraHeaderFields, type HeaderField } from '../message/extra-headers';
import { hasOptionTag } from '../message/option-tags';
import type { ResponseOptions } from '../message/serialise';
import { calledUserOf } from '../message/uri';
import { judge } from '../session-timer';
import type { RequestServer } from '../transaction/server-requests';
import type { AgentDialog, InviteServer } from '../transaction/user-agent';
import type {
  AckResult,
  FinalOptions,
  IncomingInvite,
  IncomingInviteEvents,
  MessageBody,
  ProvisionalOptions,
  SeenAddress,
  SipDialog,
  SipRequestInfo,
} from '../types';
import { ReliableProvisionals } from './reliable-provisionals';

/** The longest `Expires` that is obeyed, seconds: a timer cannot wait longer than 2^31 ms. */
const MAX_EXPIRES = 86_400;

/** An INVITE that asks us for a call, until it is answered, refused or given up. */
export class IncomingInviteCall extends SafeEmitter<IncomingInviteEvents> implements IncomingInvite {
  readonly request: SipRequestInfo;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly calledUser: string;
  readonly seenAs: SeenAddress;
  answerOffer?: (request: SipRequestInfo) => MessageBody | undefined;
  lookUp?: (request: SipRequestInfo) => Promise<void> | undefined;
  #dialog: Dialog | undefined;
  #expiry: TimerHandle | undefined;
  readonly #reliable: ReliableProvisionals;
  /** Whether a reliable provisional response carried a session description. */
  #describing = false;
  /** The 2xx that waits for a PRACK. */
  #heldAnswer: ResponseOptions | undefined;
  #settled = false;
  #provisional = false;

  /** @param onSettled called once, when a final response is sent or none can be sent any more */
  constructor(
    private readonly context: SipContext,
    private readonly server: InviteServer,
    private readonly onSettled: () => void,
    readonly replaces?: { readonly dialog: SipDialog; readonly early: boolean },
  ) {
    super();
    const { request } = server;
    this.#reliable = new ReliableProvisionals(context.clock, request.cseq.number);
    this.request = request.toInfo();
    this.callId = request.callId;
    this.from = request.from?.uri ?? '';
    this.to = request.to?.uri ?? '';
    const { identity } = context;
    const { address } = server.source;
    this.seenAs = { address: identity.toward(address).host, outside: identity.outside(address) };
    this.calledUser = calledUserOf(request.uri);
    server.handlers = {
      cancelled: () => this.#giveUp(),
      transportFailed: () => this.#giveUp(),
    };
    const expires = Number(request.headers.first('Expires'));
    if (expires >= 1 && expires <= MAX_EXPIRES) {
      this.#expiry = context.clock.setTimeout(() => this.#giveUp(), expires * 1000);
    }
  }

  get settled(): boolean {
    return this.#settled;
  }

  get trusted(): boolean {
    return this.context.trust.vouchesFor(this.server.source, true);
  }

  get supportsPrack(): boolean {
    const { headers } = this.server.request;
    return hasOptionTag(headers, 'Supported', '100rel') || hasOptionTag(headers, 'Require', '100rel');
  }

  /** Stops the retransmissions of the INVITE when its answer takes longer than its delivery. */
  trying(): void {
    if (!this.#settled && !this.#provisional) this.server.trying();
  }

  progress(options: ProvisionalOptions): void {
    if (this.#settled) return;
    const extra = extraHeaderFields(options.headers);
    this.#provisional = true;
    const required = hasOptionTag(this.server.request.headers, 'Require', '100rel');
    if (!required && !(options.reliable && this.supportsPrack)) {
      this.#sendProgress(this.#response(options.status, options, extra));
      return;
    }
    this.#reliable.submit({
      send: (rseq) => {
        const fields: HeaderField[] = [...extra, ['Require', '100rel'], ['RSeq', String(rseq)]];
        return this.#sendProgress(this.#response(options.status, options, fields));
      },
      acknowledged: (prack) => options.acknowledged?.(prack),
      overdue: () => this.#giveUp(504),
    });
    this.#describing ||= options.body !== undefined;
  }

  accept(options: Partial<FinalOptions>): { dialog: SipDialog; acknowledged: Promise<AckResult> } {
    if (this.#settled || this.#heldAnswer) {
      throw new SipflowError(
        'CALL_STATE',
        'The call cannot be answered: its caller gave up, or it was answered before.',
      );
    }
    const extra = extraHeaderFields(options.headers);
    const response = this.#response(options.status ?? 200, options, extra);
    const session = judge(this.context.sessionPolicy, this.request.headers);
    response.fields = [...(response.fields ?? []), ['Supported', SUPPORTED], ...session.headers];
    // No 2xx before the PRACK to a session description (RFC 3262, 3).
    if (this.#dialog && this.#reliable.pending && this.#describing) {
      this.#heldAnswer = response;
      return { dialog: this.#dialog, acknowledged: this.#dialog.awaitAck() };
    }
    const dialog = this.#answer(response);
    return { dialog, acknowledged: dialog.awaitAck() };
  }

  reject(options: FinalOptions): void {
    if (this.#settled) return;
    const extra = extraHeaderFields(options.headers);
    this.#settle();
    this.server.respond(this.#response(options.status, options, extra));
    // With an answer held back the caller of `accept` has the dialog already, and its end is told.
    if (!this.#heldAnswer) this.#dialog?.close();
  }

  /** For the end of the endpoint. */
  shutDown(): void {
    if (this.#settled) return;
    this.#giveUp(480);
  }

  #giveUp(status = 487): void {
    if (this.#settled) return;
    this.reject({ status });
    if (status === 504) this.#dialog?.fail('the caller never acknowledged our provisional response', true);
    this.emit('cancelled');
    this.#dialog?.fail('the call was given up before its answer could be sent');
  }

  #sendProgress(response: ResponseOptions): () => void {
    const { dialog, resend } = this.server.progress(response);
    if (!this.#dialog) {
      this.#dialog = this.#openDialog(dialog);
      this.emit('early', this.#dialog);
    }
    this.#dialog.offers.described(response.body);
    return resend;
  }

  #answer(response: ResponseOptions): Dialog {
    this.#settle();
    // The peer would take an SDP for the answer to its INVITE, which is history (RFC 6337, 3.1.1).
    if (this.#dialog?.offers.reofferedEarly) response.body = undefined;
    const core = this.server.accept(response);
    const dialog = (this.#dialog ??= this.#openDialog(core));
    dialog.confirm();
    dialog.session.accepted(judge(this.context.sessionPolicy, this.request.headers));
    dialog.offers.described(response.body);
    return dialog;
  }

  #acknowledged(server: RequestServer): void {
    const { request } = server;
    const fields = this.context.identity.responseFields([]);
    const acknowledged = this.#reliable.acknowledge(request.headers.first('RAck'));
    if (!acknowledged) {
      server.respond({ status: 481, fields });
      return;
    }
    const prack = request.toInfo();
    const proceed = (): void => {
      this.#answerPrack(server, fields);
      acknowledged.acknowledged?.(prack);
      this.emit('prack', prack);
      if (this.#settled) return;
      if (this.#heldAnswer) this.#answer(this.#heldAnswer);
      else this.#reliable.proceed();
    };
    const looking = this.request.body ? this.lookUp?.(prack) : undefined;
    if (looking) void looking.then(proceed);
    else proceed();
  }

  /** Only what is sent reliably counts as offer or answer (RFC 3261, 13.2.1; RFC 3262, 5). */
  #openOffer(): OpenOffer {
    if (this.request.body) return this.#describing || this.#settled ? undefined : 'theirs';
    return this.#describing && !this.#reliable.pending ? undefined : 'ours';
  }

  /** Answers a PRACK. Its body answers our offer, or is a further offer when the INVITE carried one already. */
  #answerPrack(server: RequestServer, fields: readonly HeaderField[]): void {
    if (!server.request.body || !this.request.body) {
      server.respond({ status: 200, fields });
      return;
    }
    const body = this.answerOffer?.(server.request.toInfo());
    server.respond(body ? { status: 200, fields, body } : { status: 488, fields });
    this.#dialog?.offers.answered(body);
  }

  #openDialog(core: AgentDialog): Dialog {
    const dialog = new Dialog(this.context, core, {
      caller: false,
      openOffer: () => this.#openOffer(),
      earlyBye: () => this.#giveUp(),
      prack: (server) => this.#acknowledged(server),
      ended: () => {
        const { rackDue } = this.#reliable;
        if (rackDue !== undefined) this.context.latePracks.expect(core.id, rackDue);
      },
    });
    dialog.offers.heardOf(this.request.headers);
    return dialog;
  }

  #response(status: number, options: Partial<FinalOptions>, extra: HeaderField[]): ResponseOptions {
    const own = this.context.identity.responseFields(extra);
    const fields = extra.length === 0 ? own : [...extra, ...own];
    return { status, reason: options.reason, fields, body: options.body };
  }

  #settle(): void {
    this.#settled = true;
    // The transaction lives on for 32 s and must not keep the call with it.
    this.server.handlers = undefined;
    this.#reliable.stop();
    this.context.clock.clearTimeout(this.#expiry);
    this.onSettled();
  }
}
