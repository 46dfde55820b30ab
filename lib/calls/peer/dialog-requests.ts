import { parseInfoBody } from '../../dtmf';
import type { NegotiationFailure } from '../../sdp';
import type { IncomingDialogRequest, SipDialog, SipRequestInfo } from '../../sip';
import { textMessage } from '../report/text-message';
import type { DigitEvent, SipReport, TextMessage } from '../types';
import type { Negotiation } from './negotiation';
import { refusal } from './offer-refusal';

const SDP = 'application/sdp';

/** Interface of the call for requests of the peer inside a dialog. */
export interface DialogRequestEvents {
  /** A digit by INFO. */
  digit(digit: DigitEvent): void;
  /** Whether the peer holds us from now on. */
  held(held: boolean): void;
  /** We refused an offer of the peer; the call goes on with what was agreed before. */
  offerRefused(sip: SipReport): void;
  /** REFER; the listener answers it. */
  referred(dialog: SipDialog, incoming: IncomingDialogRequest): void;
  message(message: TextMessage): void;
  /** Milliseconds since the call's media began. */
  mediaClock(): number;
}

/** Handler of the peer's requests inside a dialog, such as new offers and digits by SIP INFO. It listens to `modify`. */
export class DialogRequests {
  constructor(
    private readonly dialog: SipDialog,
    private readonly negotiation: Negotiation,
    private readonly events: DialogRequestEvents,
  ) {}

  /** re-INVITE or UPDATE (RFC 3261, 14.2; RFC 3311): a new offer, or the wish for ours. Named as its event is. */
  modify(incoming: IncomingDialogRequest): void {
    const offer = incoming.request.body?.content;
    if (offer === undefined) return this.#offerOurs(incoming);
    const looking = this.negotiation.lookUp(offer);
    if (looking) return void looking.then(() => this.modify(incoming));
    const result = this.negotiation.answer(offer);
    if (!result.ok) {
      return this.#refuse(incoming, result);
    }
    incoming.respond({ status: 200, body: { contentType: SDP, content: result.answer } });
    result.open();
    const { peerDirection } = result.audio;
    this.events.held(peerDirection === 'sendonly' || peerDirection === 'inactive');
  }

  #refuse(incoming: IncomingDialogRequest, failure: NegotiationFailure): void {
    const response = refusal(failure);
    incoming.respond(response);
    const { status } = response;
    const { headers } = incoming.request;
    this.events.offerRefused({ event: 'offer-refused', status, headers, diagnosis: failure.diagnosis });
  }

  /** A re-INVITE without SDP wants our offer; its answer comes in the ACK. An UPDATE without SDP only refreshes. */
  #offerOurs(incoming: IncomingDialogRequest): void {
    if (incoming.request.method !== 'INVITE') return incoming.respond({ status: 200 });
    incoming.respond({ status: 200, body: { contentType: SDP, content: this.negotiation.offer() } });
    void incoming.acknowledged.then(({ body }) => {
      if (!body || !this.negotiation.complete(body.content).ok) return;
      this.events.held(this.negotiation.held);
    });
  }

  /** REFER, MESSAGE, and INFO that carries digits; everything else keeps its default answer. */
  handle(incoming: IncomingDialogRequest): void {
    switch (incoming.request.method) {
      case 'REFER':
        return this.events.referred(this.dialog, incoming);
      case 'MESSAGE':
        incoming.respond({ status: 200 });
        return this.events.message(textMessage(incoming.request));
      case 'INFO':
        return this.#info(incoming);
    }
  }

  /** Digits by INFO (RFC 6086 and common practice); any other body gets its default answer. */
  #info(incoming: IncomingDialogRequest): void {
    const { body } = incoming.request;
    if (!body) return;
    const info = parseInfoBody(body.contentType, body.content);
    if (!info) return;
    incoming.respond({ status: 200 });
    this.events.digit({
      digit: info.digit,
      method: 'info',
      atMs: Math.round(this.events.mediaClock()),
      durationMs: info.durationMs,
    });
  }
}

/** The ends of a dialog. */
export interface DialogEnds {
  /** The peer has hung up. */
  bye(sip: SipReport): void;
  /** The dialog has ended without a BYE of the peer. */
  broken(sip: SipReport): void;
}

/** The same in the dialog of the call, with its ends; its methods are named as the events of a dialog. */
export class WatchedDialog extends DialogRequests {
  constructor(
    dialog: SipDialog,
    negotiation: Negotiation,
    private readonly ends: DialogRequestEvents & DialogEnds,
  ) {
    super(dialog, negotiation, ends);
  }

  request(incoming: IncomingDialogRequest): void {
    this.handle(incoming);
  }

  bye({ headers }: SipRequestInfo): void {
    this.ends.bye({ event: 'bye', headers });
  }

  broken(reason: string): void {
    this.ends.broken({ event: 'broken', reason });
  }
}
