import type { UserAgent } from '../transaction/user-agent';
import { writeResponse, type ResponseOptions } from '../message/serialise';
import { hostOf } from '../message/uri';
import type { SipRequest } from '../message/sip-message';
import { amplifies, writeTerseResponse } from '../message/terse-response';
import type { WrittenMessage, WrittenRequest, WrittenResponse } from '../message/written-message';
import type { Retransmitter } from '../transaction/retransmitter';
import type { StreamRequests } from '../transaction/stream-requests';
import { statelessTag } from '../message/tokens';
import { clientKey, transactionKey } from '../transaction/transaction-key';
import type { LocalIdentity } from '../transport/identity';
import { SipflowError, toSipflowError } from '../../common';
import type { DialogFlow } from '../transport/dialog-flow';
import type { DialogRoute, DialogRoutes } from '../transport/dialog-routes';
import { nextHopUri } from '../transport/route-request';
import type { Router } from '../transport/router';
import type { Peer } from '../transport/transport';
import type { TransportManager } from '../transport/transport-manager';
import { TRANSPORTS } from '../transport/kinds';

/** Sends what we write: finds the destination, and repeats what may get lost. */
export class Outbox {
  constructor(
    private readonly transport: TransportManager,
    private readonly retransmitter: Retransmitter,
    private readonly streamRequests: StreamRequests,
    private readonly agent: () => UserAgent,
    private readonly router: Router,
    private readonly identity: LocalIdentity,
    private readonly dialogRoutes: DialogRoutes,
  ) {}

  /**
   * Sends a message of a transaction.
   *
   * @param next where a request goes that has just been made for this destination
   */
  transmit(message: WrittenMessage, next: Peer | undefined): Promise<void> {
    return message.kind === 'request' ? this.#sendRequest(message, next) : this.#sendResponse(message);
  }

  /** Stops sending a request again. */
  giveUp(key: string): void {
    this.retransmitter.handle(key, 'final');
    this.streamRequests.answered(key);
  }

  /**
   * Answers a request without keeping anything: the same request gets the same answer again (RFC 3261, 8.2.7). A
   * datagram may come from a forged address, so a refusal is not much larger than what it refuses.
   */
  answer(request: SipRequest, source: Peer, response: ResponseOptions): void {
    const extra = response.fields ?? [];
    const tagged = { toTag: statelessTag(transactionKey(request)), ...response };
    const usual = writeResponse(request, {
      ...tagged,
      fields: [...extra, ...this.identity.responseFields(extra)],
    });
    let bytes = Buffer.from(usual, request.encoding);
    if (!TRANSPORTS[source.transport].reliable && amplifies(request, response, bytes.length)) {
      bytes = Buffer.from(writeTerseResponse(request, tagged), request.encoding);
    }
    this.transport.send(bytes, source).catch(() => {
      // Nobody waits for it: the peer asks again, or gives up.
    });
  }

  /** Sends without a promise more than it takes: most requests go to an address that is known. */
  #sendRequest(request: WrittenRequest, next: Peer | undefined): Promise<void> {
    try {
      return this.#sendOnItsWay(request, next).catch((error: unknown) => this.#unsent(request, error));
    } catch (error) {
      return this.#unsent(request, error);
    }
  }

  /** Notes the fault for its transaction, and rejects with it. */
  #unsent({ branch, method, flow }: WrittenRequest, error: unknown): Promise<never> {
    const fault = toSipflowError(error, 'TRANSPORT');
    this.agent().noteFault(clientKey(branch, method), fault);
    if (method === 'ACK') flow?.owner?.ackFailed(fault);
    return Promise.reject(fault);
  }

  #sendOnItsWay(request: WrittenRequest, next: Peer | undefined): Promise<void> {
    const { branch, method } = request;
    const followsInvite = method === 'CANCEL' || method === 'ACK';
    const destination = next ?? (followsInvite ? this.agent().inviteDestination(branch) : undefined);
    if (destination) return this.#deliver(request, destination);
    if (request.flow) return this.#deliverInDialog(request, request.flow);
    const hop = this.#nextHop(request);
    return hop instanceof Promise
      ? hop.then((found) => this.#deliver(request, found))
      : this.#deliver(request, hop);
  }

  #deliverInDialog(request: WrittenRequest, flow: DialogFlow): Promise<void> {
    const way = this.dialogRoutes.find(request.route, request.uri, flow);
    let peer: Peer | Promise<Peer>;
    try {
      peer = way.first();
    } catch (error) {
      return this.#deliverOtherwise(request, flow, { way, error });
    }
    const deliver = (tried: Peer): Promise<void> =>
      this.#deliver(request, tried).catch((error: unknown) =>
        this.#deliverOtherwise(request, flow, { way, tried, error }),
      );
    if (!(peer instanceof Promise)) return deliver(peer);
    return peer.then(deliver, (error: unknown) => this.#deliverOtherwise(request, flow, { way, error }));
  }

  /** Tries the second way of the dialog when the first one fails; what the first one said is why both did. */
  async #deliverOtherwise(
    request: WrittenRequest,
    flow: DialogFlow,
    { way, tried, error }: { way: DialogRoute; tried?: Peer; error: unknown },
  ): Promise<void> {
    try {
      const other = await way.second();
      if (tried && isSame(other, tried)) throw error;
      await this.#deliver(request, other);
    } catch {
      throw error;
    }
    if (way.byUri) flow.uriFailed = true;
  }

  #deliver(request: WrittenRequest, destination: Peer): Promise<void> {
    const { method } = request;
    const bytes = encode(request, destination);
    const large =
      method !== 'ACK' && method !== 'CANCEL' && this.transport.wantsConnection(bytes.length, destination);
    return large
      ? this.#deliverLarge(request, bytes, destination)
      : this.#deliverAsIs(request, bytes, destination);
  }

  async #deliverLarge(request: WrittenRequest, bytes: Buffer, destination: Peer): Promise<void> {
    if (await this.#sentByConnection(request, destination)) return;
    await this.#deliverAsIs(request, bytes, destination);
  }

  #deliverAsIs({ branch, method }: WrittenRequest, bytes: Buffer, destination: Peer): Promise<void> {
    if (this.transport.exceedsDatagram(bytes.length, destination)) {
      return Promise.reject(tooLarge(bytes.length, method, destination));
    }
    if (method === 'ACK') return this.transport.send(bytes, destination);
    const key = clientKey(branch, method);
    return this.transport.reliableTo(destination)
      ? this.#sendOnce(key, bytes, destination)
      : this.#sendAndRepeat(key, method === 'INVITE' ? 'invite' : 'request', bytes, destination);
  }

  /** The next hop; a promise only when it takes a look-up. */
  #nextHop({ route, uri }: WrittenRequest): Peer | Promise<Peer> {
    const hop = nextHopUri(route, uri);
    return this.router.known(hop) ?? this.router.resolve(hop);
  }

  /** Tries a connection for a request that is too large for a datagram (RFC 3261, 18.1.1). */
  async #sentByConnection(request: WrittenRequest, destination: Peer): Promise<boolean> {
    const { beside = destination.transport } = TRANSPORTS[destination.transport];
    const connection: Peer = { ...destination, transport: beside };
    try {
      const key = clientKey(request.branch, request.method);
      await this.#sendOnce(key, encode(request, connection), connection);
    } catch {
      this.transport.noteRefusal(destination);
      return false;
    }
    // Its CANCEL and its ACK follow it.
    this.agent().redirectInvite(request.branch, connection);
    return true;
  }

  #sendResponse({ text, encoding, status, method, key, source }: WrittenResponse): Promise<void> {
    const bytes = Buffer.from(text, encoding);
    // A 2xx is repeated by the dialog until its ACK, everything else only when the request comes again.
    return method === 'INVITE' && status >= 300 && !this.transport.reliableTo(source)
      ? this.#sendAndRepeat(key, 'invite-answer', bytes, source)
      : this.transport.send(bytes, source);
  }

  async #sendOnce(key: string, bytes: Buffer, destination: Peer): Promise<void> {
    const send = (): Promise<void> => this.transport.send(bytes, destination);
    await send();
    this.streamRequests.sent(key, destination, send, (fault) => {
      if (fault) this.agent().noteFault(key, fault);
      this.agent().failRequest(key);
    });
  }

  #sendAndRepeat(
    key: string,
    kind: 'invite' | 'request' | 'invite-answer',
    bytes: Buffer,
    destination: Peer,
  ): Promise<void> {
    this.retransmitter.start(key, kind, () => {
      this.transport.send(bytes, destination).catch(() => this.retransmitter.handle(key, 'final'));
    });
    return this.transport.send(bytes, destination).catch((error: unknown) => {
      this.retransmitter.handle(key, 'final');
      throw error;
    });
  }
}

function isSame(one: Peer, other: Peer): boolean {
  return one.port === other.port && one.address === other.address && one.transport === other.transport;
}

function tooLarge(size: number, method: string, { address, port }: Peer): SipflowError {
  const where = `${hostOf(address)}:${port}`;
  return new SipflowError(
    'TRANSPORT',
    `The ${method} has ${size} bytes, more than a datagram can carry, and ${where} takes no connection by TCP: send less, or use a phone whose transport is TCP.`,
  );
}

/** The bytes of a request, with the transport that it really takes in its Via (RFC 3261, 18.1.1). */
function encode({ text, protocol }: WrittenRequest, destination: Peer): Buffer {
  const transport = destination.transport.toUpperCase();
  if (protocol === transport) return Buffer.from(text);
  const start = `\r\nVia: SIP/2.0/`;
  return Buffer.from(text.replace(start + protocol, start + transport));
}
