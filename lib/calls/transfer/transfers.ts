import { DEFAULTS, settledWithin, SipflowError } from '../../common';
import { type IncomingDialogRequest, readRefer, type SipDialog } from '../../sip';
import type { CallContext } from '../call-context';
import { IncomingTransfer, type TransfereeHost } from './incoming-transfer';
import { dialogFor, requestTransfer, type TransferTarget } from './outgoing-transfer';
import type { Call, SipReport, TransferOptions, TransferOutcome } from '../types';

/** How long the target may take to end the call that it has left, before we do. */
const CONSULT_GRACE_MS = 1000;

/** Interface of the call for its transfers. */
export interface TransfersHost extends Pick<TransfereeHost, 'successor' | 'progress' | 'replaced'> {
  /** Our URI toward the peer, for Referred-By. */
  ownUri(): string;
  /** The peer wants to transfer us. */
  asked(sip: SipReport): void;
}

/** The transfers of one call, of which one runs at a time: those that we ask for and those that the peer asks for. */
export class Transfers {
  #outgoing: AbortController | undefined;
  #incoming: IncomingTransfer | undefined;

  constructor(
    private readonly context: CallContext,
    private readonly host: TransfersHost,
  ) {}

  /** Whether the peer waits for our decision. */
  get asked(): boolean {
    return this.#incoming !== undefined && !this.#incoming.following;
  }

  /** Whether we call whom the peer has named. */
  get following(): boolean {
    return this.#incoming?.following === true;
  }

  /** Asks the peer to call another target. CALL_STATE, BAD_TARGET. */
  async request(dialog: SipDialog, options: TransferOptions): Promise<TransferOutcome> {
    if (this.#outgoing || this.#incoming) {
      throw new SipflowError('CALL_STATE', 'The call is being transferred already.');
    }
    const target = this.#target(dialog, options);
    const { signal } = (this.#outgoing = new AbortController());
    try {
      const { clock } = this.context;
      const ownUri = this.host.ownUri();
      const { headers } = options;
      const progress = (sip: SipReport): void => this.host.progress(sip);
      const outcome = await requestTransfer(dialog, target, { clock, ownUri, signal, progress, headers });
      if (outcome.kind === 'transferred' && options.kind === 'attended') {
        void this.#endConsult(options.consultCall);
      }
      return outcome;
    } finally {
      this.#outgoing = undefined;
    }
  }

  /** Takes a REFER: refuses it, or acts by the phone's policy. Collisions get 491. */
  receive(dialog: SipDialog, incoming: IncomingDialogRequest): void {
    const policy = this.context.phone.transferPolicy ?? DEFAULTS.transferPolicy;
    if (policy === 'reject') return incoming.respond({ status: 603 });
    if (this.#outgoing || this.#incoming) return incoming.respond({ status: 491 });
    const refer = readRefer(dialog, incoming);
    if (!refer) return;
    const transfer = new IncomingTransfer(refer, {
      clock: this.context.clock,
      invite: (options) => this.context.invite(options),
      addressToward: (target) => this.context.addressToward(target),
      successor: () => this.host.successor(),
      progress: (sip) => this.host.progress(sip),
      replaced: (...peer) => this.host.replaced(...peer),
      settled: () => (this.#incoming = undefined),
    });
    this.#incoming = transfer;
    const { headers } = incoming.request;
    this.host.asked({ event: 'transfer-request', target: transfer.target, headers });
    if (policy === 'auto' || (policy === 'trusted' && incoming.trusted)) void transfer.follow();
  }

  /** Our decision about a transfer that the peer has asked for. CALL_STATE when it did not, or it was decided. */
  async answer(decision: 'accept' | 'decline'): Promise<TransferOutcome> {
    const transfer = this.#incoming;
    if (!transfer || transfer.following) {
      throw new SipflowError(
        'CALL_STATE',
        'No incoming REFER of this call waits for a decision. Wait for the event "transfer-request" first; it comes where transferPolicy of the phone is "ask".',
        { field: 'transferPolicy' },
      );
    }
    if (decision === 'accept') return transfer.follow();
    return { kind: 'transferred', sip: transfer.decline() };
  }

  peerLeft(ifFailed: () => void): void {
    this.#incoming?.peerLeft(ifFailed);
  }

  abandon(): void {
    this.#incoming?.abandon();
    this.#outgoing?.abort();
  }

  #target(dialog: SipDialog, options: TransferOptions): TransferTarget {
    if (options.kind === 'blind') return { uri: this.context.route(options.target).uri };
    const consult = this.context.own(options.consultCall);
    const consultDialog = dialogFor(consult.dialog, consult.state, 'the goal of an attended transfer');
    if (consultDialog !== dialog) return { consult: consultDialog };
    throw new SipflowError(
      'CALL_STATE',
      'An attended transfer joins two calls: the consultation must be another call than the one that is transferred.',
    );
  }

  /** The target sends BYE in the call that was replaced; when it does not, we do. */
  async #endConsult(consult: Call): Promise<void> {
    const ended = consult.waitFor('ended');
    await settledWithin(this.context.clock, ended, CONSULT_GRACE_MS);
    await consult.hangup();
  }
}
