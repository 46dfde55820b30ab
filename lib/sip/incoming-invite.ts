import type { TimerHandle } from '../common/clock';
import { SafeEmitter } from '../common/emitter';
import { SipflowError } from '../common/errors';
import type { SipContext } from './context';
import type { CoreDialog } from './core-adapter/core-dialog';
import type { InviteServer } from './core-adapter/invite-server';
import { SUPPORTED } from './capabilities';
import { Dialog } from './dialog';
import { extraHeaderFields, type HeaderField } from './message/extra-headers';
import type { ResponseOptions } from './message/serialise';
import { parseSipUri, userOf } from './message/uri';
import type {
  AckResult,
  FinalOptions,
  IncomingInvite,
  IncomingInviteEvents,
  ProvisionalOptions,
  SipDialog,
  SipRequestInfo,
} from './types';

/** The longest `Expires` that is obeyed, seconds: a timer cannot wait longer than 2^31 ms. */
const MAX_EXPIRES = 86_400;

/** An INVITE that asks us for a call, until it is answered, refused or given up. */
export class IncomingInviteCall extends SafeEmitter<IncomingInviteEvents> implements IncomingInvite {
  readonly request: SipRequestInfo;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly calledUser: string;
  #dialog: Dialog | undefined;
  #expiry: TimerHandle | undefined;
  #settled = false;
  #provisional = false;

  /** @param onSettled called once, when a final response is sent or none can be sent any more */
  constructor(
    private readonly context: SipContext,
    private readonly server: InviteServer,
    private readonly onSettled: () => void,
  ) {
    super();
    const { request } = server;
    this.request = request.toInfo();
    this.callId = request.callId;
    this.from = request.from?.uri ?? '';
    this.to = request.to?.uri ?? '';
    const target = parseSipUri(request.uri);
    this.calledUser = target ? userOf(target) : '';
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

  /** Stops the retransmissions of the INVITE when its answer takes longer than its delivery. */
  trying(): void {
    if (!this.#settled && !this.#provisional) this.server.trying();
  }

  progress(options: ProvisionalOptions): void {
    if (this.#settled) return;
    const extra = extraHeaderFields(options.headers);
    this.#provisional = true;
    const core = this.server.progress(this.#response(options.status, options, extra));
    this.#dialog ??= this.#openDialog(core);
  }

  accept(options: Partial<FinalOptions>): { dialog: SipDialog; acknowledged: Promise<AckResult> } {
    if (this.#settled) {
      throw new SipflowError(
        'CALL_STATE',
        'The call cannot be answered: its caller gave up, or it was answered before.',
      );
    }
    const extra = extraHeaderFields(options.headers);
    const response = this.#response(options.status ?? 200, options, extra);
    if (SUPPORTED !== '') response.fields = [...(response.fields ?? []), ['Supported', SUPPORTED]];
    this.#settle();
    const core = this.server.accept(response);
    const dialog = (this.#dialog ??= this.#openDialog(core));
    dialog.confirm();
    return { dialog, acknowledged: dialog.awaitAck() };
  }

  reject(options: FinalOptions): void {
    if (this.#settled) return;
    const extra = extraHeaderFields(options.headers);
    this.#settle();
    this.#dialog?.close();
    this.server.respond(this.#response(options.status, options, extra));
  }

  /** For the end of the endpoint. */
  shutDown(): void {
    if (this.#settled) return;
    this.reject({ status: 480 });
    this.emit('cancelled');
  }

  #giveUp(): void {
    if (this.#settled) return;
    this.reject({ status: 487 });
    this.emit('cancelled');
  }

  #openDialog(core: CoreDialog): Dialog {
    return new Dialog(this.context, core, { earlyBye: () => this.#giveUp() });
  }

  #response(status: number, options: Partial<FinalOptions>, extra: HeaderField[]): ResponseOptions {
    const fields = [...extra, ...this.context.identity.responseFields(extra)];
    return { status, reason: options.reason, fields, body: options.body };
  }

  #settle(): void {
    this.#settled = true;
    this.context.clock.clearTimeout(this.#expiry);
    this.onSettled();
  }
}
