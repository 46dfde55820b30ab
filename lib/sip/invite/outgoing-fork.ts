import type { Dialog } from '../dialog/dialog';
import type { OpenOffer } from '../dialog/offer-glare';
import type { DialogOwner } from '../dialog/owner';
import { hasOptionTag } from '../message/option-tags';
import type { SipResponse } from '../message/sip-message';

/** One peer that our INVITE has reached, by the To tag of its responses; a forked INVITE reaches several. */
export class OutgoingFork implements DialogOwner {
  readonly caller = true;
  /** Its early dialog (RFC 3261, 12.1). */
  early: Dialog | undefined;
  /** Whether it has sent a session description reliably, which makes offer and answer complete. */
  described = false;
  /** Whether its late offer has its answer. */
  lateAnswered = false;
  /** Its last 18x. */
  #latest: SipResponse | undefined;

  /** @param offering whether our INVITE had an offer */
  constructor(
    readonly tag: string,
    private readonly offering: boolean,
  ) {}

  openOffer(): OpenOffer {
    if (this.described) return undefined;
    return this.offering ? 'ours' : 'theirs';
  }

  /** Takes an 18x. False when it is the last one again. */
  isNews(response: SipResponse): boolean {
    const before = this.#latest;
    this.#latest = response;
    return (
      before?.status !== response.status ||
      before.headers.first('RSeq') !== response.headers.first('RSeq') ||
      before.body?.content !== response.body?.content
    );
  }

  /** The INVITE is settled: its dialog, which keeps the fork, needs no 18x. */
  forget(): void {
    this.#latest = undefined;
  }
}

/** Whether a provisional response asks for PRACK (RFC 3262, 4). */
export function isReliable({ headers }: SipResponse): boolean {
  return headers.has('RSeq') && hasOptionTag(headers, 'Require', '100rel');
}
