import type { CoreAgent } from './core-adapter/core-agent';
import { parseMessage } from './message/parse-message';
import { writeResponse, type ResponseOptions } from './message/serialise';
import type { SipRequest, SipResponse } from './message/sip-message';
import type { Retransmitter } from './reliability/retransmitter';
import type { StreamRequests } from './reliability/stream-requests';
import { statelessTag } from './reliability/tokens';
import { clientKey, transactionKey } from './reliability/transaction-key';
import type { LocalIdentity } from './identity';
import { SipflowError, toSipflowError } from '../common/errors';
import { nextHopUri } from './transport/route-request';
import type { Router } from './transport/router';
import type { Peer } from './transport/transport';
import type { TransportManager } from './transport/transport-manager';

/** Sends what the core and the dispatcher write: finds the destination, and repeats what may get lost. */
export class Outbox {
  constructor(
    private readonly transport: TransportManager,
    private readonly retransmitter: Retransmitter,
    private readonly streamRequests: StreamRequests,
    private readonly agent: () => CoreAgent,
    private readonly router: Router,
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
    if (message.kind === 'request') {
      try {
        await this.#sendRequest(message, bytes, next);
      } catch (error) {
        this.agent().noteFault(
          clientKey(message.via.branch, message.method),
          toSipflowError(error, 'TRANSPORT'),
        );
        throw error;
      }
    } else await this.#sendResponse(message, text, bytes);
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
      (await this.router.resolve(nextHopUri(request)));
    if (!followsInvite && (await this.#sentByConnection(request, bytes, destination))) return;
    const adapted = adaptVia(bytes, request, destination);
    if (request.method === 'ACK') {
      await this.transport.send(adapted, destination);
      return;
    }
    const key = clientKey(branch, request.method);
    if (this.transport.reliableTo(destination)) await this.#sendOnce(key, adapted, destination);
    else
      await this.#sendAndRepeat(
        key,
        request.method === 'INVITE' ? 'invite' : 'request',
        adapted,
        destination,
      );
  }

  /** Tries a connection for a request that is too large for a datagram (RFC 3261, 18.1.1). */
  async #sentByConnection(request: SipRequest, bytes: Buffer, destination: Peer): Promise<boolean> {
    if (!this.transport.wantsConnection(bytes.length, destination)) return false;
    const connection: Peer = { ...destination, transport: 'tcp' };
    try {
      const key = clientKey(request.via.branch, request.method);
      await this.#sendOnce(key, adaptVia(bytes, request, connection), connection);
    } catch {
      this.transport.noteRefusal(destination);
      return false;
    }
    // Its CANCEL and its ACK follow it.
    this.agent().redirectInvite(request.via.branch, connection);
    return true;
  }

  async #sendResponse(response: SipResponse, text: string, bytes: Buffer): Promise<void> {
    const key = transactionKey(response);
    const server = this.agent().serverRequest(key);
    if (!server) throw new SipflowError('INTERNAL', `No request waits for the ${response.status}.`);
    const encoded = server.request.encoding === 'latin1' ? Buffer.from(text, 'latin1') : bytes;
    // A 2xx is repeated by the dialog until its ACK, everything else only when the request comes again.
    if (
      response.cseq.method === 'INVITE' &&
      response.status >= 300 &&
      !this.transport.reliableTo(server.source)
    ) {
      await this.#sendAndRepeat(key, 'invite-answer', encoded, server.source);
    } else {
      await this.transport.send(encoded, server.source);
    }
  }

  async #sendOnce(key: string, bytes: Buffer, destination: Peer): Promise<void> {
    const send = (): Promise<void> => this.transport.send(bytes, destination);
    await send();
    this.streamRequests.sent(key, destination, send, (fault) => {
      if (fault) this.agent().noteFault(key, fault);
      this.agent().failRequest(key);
    });
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

/** Writes the transport that a request really takes into its Via (RFC 3261, 18.1.1). */
function adaptVia(bytes: Buffer, request: SipRequest, destination: Peer): Buffer {
  const transport = destination.transport.toUpperCase();
  if (request.via.transport === transport) return bytes;
  const [start, rest] = [`\r\nVia: SIP/2.0/`, bytes.toString()];
  return Buffer.from(rest.replace(start + request.via.transport, start + transport));
}
