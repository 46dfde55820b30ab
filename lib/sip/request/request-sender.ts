import { SipflowError, TurnoverSet } from '../../common';
import { AuthScope } from '../auth';
import { extraHeaderFields } from '../message/extra-headers';
import { randomToken } from '../message/tokens';
import { localOutcome } from '../transaction/outcomes';
import { targetUri } from '../transport/router';
import type { OutgoingRequestOptions, SipResponseInfo } from '../types';
import { assertBody } from './body';
import { exchange, type ExchangeContext } from './exchange';
import { assertSendable } from './methods';

/** Requests of one endpoint that may wait for their answers at the same time. */
const MAX_OPEN = 500;

/** Sends the requests outside of dialogs that a flow asks for: OPTIONS, MESSAGE, NOTIFY, PUBLISH and others. */
export class RequestSender {
  readonly #open = new TurnoverSet<{ settle: (response: SipResponseInfo) => void }>();

  constructor(private readonly host: ExchangeContext) {}

  /**
   * Sends a request and resolves with its final response; 408 and 503 are made up where none came.
   *
   * @throws SipflowError (as a rejection) BAD_CONFIG for the method, a header or the body, BAD_TARGET, MAX_CALLS when
   *   500 wait already
   */
  async send({
    method,
    target,
    destination,
    headers,
    body,
  }: OutgoingRequestOptions): Promise<SipResponseInfo> {
    assertSendable(method, false);
    targetUri(target);
    assertBody(body);
    const fields = extraHeaderFields(headers);
    if (this.#open.size >= MAX_OPEN) {
      throw new SipflowError(
        'MAX_CALLS',
        `${MAX_OPEN} requests of this phone wait for their answers already.`,
      );
    }
    const { context, router } = this.host;
    let cseq = 0;
    return new Promise((resolve) => {
      const entry = {
        settle: (response: SipResponseInfo): void => {
          this.#open.delete(entry);
          resolve(response);
        },
      };
      this.#open.add(entry);
      exchange(
        this.host,
        {
          ...{ method, target, fields },
          ...(body === undefined ? {} : { body }),
          callId: randomToken(),
          fromTag: randomToken(),
          nextCSeq: () => ++cseq,
          routes: context.serviceRoute(),
          ...(destination ? { destination: { transport: router.transport, ...destination } } : {}),
          dialled: context.trust.dialled(target),
          scope: new AuthScope(context.credentials),
        },
        ({ info }) => entry.settle(info),
      );
    });
  }

  /** End of the endpoint: requests that still wait resolve with 408. */
  close(): void {
    for (const { settle } of [...this.#open]) settle(localOutcome(408, 'timeout').info);
  }
}
