import type { CoreAgent } from './core-adapter/core-agent';
import { parseMessage } from './message/parse-message';
import { writeResponse, type ResponseOptions } from './message/serialise';
import type { SipRequest, SipResponse } from './message/sip-message';
import type { Retransmitter } from './reliability/retransmitter';
import { statelessTag } from './reliability/tokens';
import { clientKey, transactionKey } from './reliability/transaction-key';
import type { LocalIdentity } from './identity';
import { SipflowError } from '../common/errors';
import { nextHop } from './transport/route-request';
import type { Peer, Transport } from './transport/transport';

/** Sends what the core and the dispatcher write: finds the destination, and repeats what may get lost. */
export class Outbox {
  constructor(
    private readonly transport: Transport,
    private readonly retransmitter: Retransmitter,
    private readonly agent: () => CoreAgent,
    private readonly outboundProxy: Peer | undefined,
    private readonly identity: () => LocalIdentity,
  ) {}

  /**
   * Sends a message of the core's.
   *
   * @param next where a request goes that has just been made for this destination
   */
  async transmit(text: string, next: Peer | undefined): Promise<void> {
    const bytes = Buffer.from(text);
    const parsed = parseMessage(bytes);
    if (parsed.kind !== 'message') {
      throw new SipflowError(
        'INTERNAL',
        'A message could not be written: check the headers that the flow adds.',
      );
    }
    const { message } = parsed;
    if (message.kind === 'request') await this.#sendRequest(message, bytes, next);
    else await this.#sendResponse(message, text, bytes);
  }

  /** Answers a request without keeping anything: the same request gets the same answer again (RFC 3261, 8.2.7). */
  answer(request: SipRequest, source: Peer, response: ResponseOptions): void {
    const extra = response.fields ?? [];
    const text = writeResponse(request, {
      toTag: statelessTag(transactionKey(request)),
      ...response,
      fields: [...extra, ...this.identity().responseFields(extra)],
    });
    this.transport.send(Buffer.from(text, request.encoding), source).catch(() => {
      // Nobody waits for it: the peer asks again, or gives up.
    });
  }

  async #sendRequest(request: SipRequest, bytes: Buffer, next: Peer | undefined): Promise<void> {
    const { branch } = request.via;
    const followsInvite = request.method === 'CANCEL' || request.method === 'ACK';
    const destination =
      next ??
      (followsInvite ? this.agent().inviteDestination(branch) : undefined) ??
      nextHop(request, this.outboundProxy, this.transport.name);
    if (request.method === 'ACK' || this.transport.reliable) {
      await this.transport.send(bytes, destination);
      return;
    }
    const kind = request.method === 'INVITE' ? 'invite' : 'request';
    await this.#sendAndRepeat(clientKey(branch, request.method), kind, bytes, destination);
  }

  async #sendResponse(response: SipResponse, text: string, bytes: Buffer): Promise<void> {
    const key = transactionKey(response);
    const server = this.agent().serverRequest(key);
    if (!server) throw new SipflowError('INTERNAL', `No request waits for the ${response.status}.`);
    const encoded = server.request.encoding === 'latin1' ? Buffer.from(text, 'latin1') : bytes;
    // A 2xx is repeated by the dialog until its ACK, everything else only when the request comes again.
    if (response.cseq.method === 'INVITE' && response.status >= 300 && !this.transport.reliable) {
      await this.#sendAndRepeat(key, 'invite-answer', encoded, server.source);
    } else {
      await this.transport.send(encoded, server.source);
    }
  }

  async #sendAndRepeat(
    key: string,
    kind: 'invite' | 'request' | 'invite-answer',
    bytes: Buffer,
    destination: Peer,
  ): Promise<void> {
    this.retransmitter.start(key, kind, () => {
      this.transport.send(bytes, destination).catch(() => this.retransmitter.handle(key, 'final'));
    });
    try {
      await this.transport.send(bytes, destination);
    } catch (error) {
      this.retransmitter.handle(key, 'final');
      throw error;
    }
  }
}
