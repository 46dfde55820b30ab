import { answerChallenge, type Authenticator } from '../auth';
import { extraHeaderFields, type HeaderField } from '../message/extra-headers';
import type { SipResponse } from '../message/sip-message';
import type { DialogSession } from '../session-timer';
import { localOutcome, type FinalOutcome } from '../transaction/outcomes';
import type { AgentDialog } from '../transaction/user-agent';
import type { DialogRequestOptions, MessageBody, SipResponseInfo } from '../types';

/** Dialog of our requests: whether it goes on, and who hears of the responses. */
export interface DialogClientHost {
  /** Whether the dialog is over, or its BYE is out. */
  readonly ended: boolean;
  /** A 2xx to our INVITE or UPDATE, which had that body. */
  refreshed(info: SipResponseInfo, body: MessageBody | undefined): void;
  /** Any final response, after the sender of the request was told. */
  responded(method: string, info: SipResponseInfo): void;
}

/** Our requests inside a dialog, but for its BYE: one INVITE at a time, credentials when they are asked for. */
export class DialogClient {
  /** INVITEs that wait until the one before them is through. */
  readonly #queue: (() => void)[] = [];
  #offerOut = false;

  constructor(
    private readonly core: AgentDialog,
    private readonly auth: Authenticator,
    private readonly session: DialogSession,
    private readonly host: DialogClientHost,
  ) {}

  /** Whether an offer of ours waits for its answer. */
  get offerOut(): boolean {
    return this.#offerOut;
  }

  /** Sends a request and resolves with its final response, or with what stands for it. BAD_CONFIG for a header. */
  request(method: string, options: DialogRequestOptions): Promise<SipResponseInfo> {
    return new Promise((resolve) => {
      const fields = extraHeaderFields(options.headers);
      const send = (): void => {
        if (this.host.ended) resolve(localOutcome(481, 'remote').info);
        else this.#send(method, { ...options, fields }, resolve);
      };
      // One INVITE at a time in a dialog (RFC 3261, 14.1), and none before the ACK to our 2xx.
      if (method === 'INVITE' && !this.host.ended && this.#inviteBusy) this.#queue.push(send);
      else send();
    });
  }

  /**
   * Acknowledges a reliable provisional response (RFC 3262, 4).
   *
   * @param body the answer, when the response carried the offer
   */
  prack({ cseq, headers }: SipResponse, body: MessageBody | undefined): void {
    const rack: HeaderField = ['RAck', `${headers.first('RSeq')} ${cseq.number} ${cseq.method}`];
    this.#send('PRACK', { fields: [rack], body }, () => undefined);
  }

  /** Sends the next INVITE that waited for another one to end. */
  pump(): void {
    if (this.host.ended || !this.#inviteBusy) this.#queue.shift()?.();
  }

  /** End of the dialog: INVITEs that still wait for their turn fail. */
  abandon(): void {
    for (const send of this.#queue.splice(0)) send();
  }

  get #inviteBusy(): boolean {
    return this.core.awaitingAck || this.core.reInviting;
  }

  /** Sends a request, again with credentials when it is challenged, and resolves with its outcome. */
  #send(
    method: string,
    options: DialogRequestOptions & { fields: HeaderField[] },
    resolve: (response: SipResponseInfo) => void,
  ): void {
    const { body } = options;
    const refresh = method === 'INVITE' || method === 'UPDATE';
    const offering = method === 'INVITE' || (method === 'UPDATE' && body !== undefined);
    const auth = this.auth.begin({ method, uri: this.core.remoteTarget, body: body?.content ?? '' });
    const attempt = (): void => {
      const fields = [
        ...options.fields,
        ...(refresh ? this.session.requestFields() : []),
        ...auth.headers.map(([name, value]): HeaderField => [name, value]),
      ];
      if (offering) this.#offerOut = true;
      if (method !== 'INVITE') {
        const cseq = this.core.request(method, { fields, body }, { final });
        options.onSent?.(cseq);
        return;
      }
      const accepted = (response: SipResponse) => options.answerLateOffer?.(response.toInfo());
      this.core.reInvite({ fields, body }, { accepted, final });
    };
    const final = ({ info, response }: FinalOutcome): void => {
      const { ended } = this.host;
      if (offering) this.#offerOut = false;
      const decision = ended ? undefined : answerChallenge(auth, response);
      if (decision?.kind === 'retry') {
        attempt();
        return;
      }
      if (refresh && info.status === 422 && !ended && this.session.raise(info.headers)) {
        attempt();
        return;
      }
      if (decision) info.diagnosis = decision.error.message;
      if (info.status < 300) {
        auth.succeeded(info.headers);
        if (refresh) this.host.refreshed(info, body);
      }
      resolve(info);
      this.host.responded(method, info);
      this.pump();
    };
    attempt();
  }
}

/**
 * Requests that concern something else than the session: one provisional response, or a subscription (RFC 5057, 5.1).
 */
const OF_SOMETHING_ELSE: readonly string[] = ['PRACK', 'NOTIFY'];

/**
 * Why a dialog is over, by the final response to a request of ours in it: 481, and 408, which also stands for no answer
 * at all (RFC 3261, 12.2.1.2). Undefined when it goes on. An OPTIONS without an answer does not count, because peers
 * exist that ignore it: its sender judges the silence.
 */
export function reasonToEnd(method: string, { status, reason }: SipResponseInfo): string | undefined {
  if (OF_SOMETHING_ELSE.includes(method)) return undefined;
  if (status === 481) return `the peer answered ${method} with 481 ${reason}`;
  return status === 408 && method !== 'OPTIONS' ? `the peer did not answer ${method}` : undefined;
}
