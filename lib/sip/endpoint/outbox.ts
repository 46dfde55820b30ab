import type { UserAgent } from '../transaction/user-agent';
import { writeResponse, type ResponseOptions } from '../message/serialise';
import { hostOf } from '../message/uri';
import type { SipRequest } from '../message/sip-message';
import { amplifies, writeTerseResponse } from '../message/terse-response';
import type { WrittenMessage, WrittenRequest, WrittenResponse } from '../message/written-message';
import type { RetransmissionKind } from '../transaction/retransmission';
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
import type { Peer, Sent } from '../transport/transport';
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
   * @param sent never called before this function has returned
   */
  transmit(message: WrittenMessage, next: Peer | undefined, sent: Sent): void {
    if (message.kind === 'request') this.#sendRequest(message, next, sent);
    else this.#sendResponse(message, sent);
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
    // Nobody waits for it: the peer asks again, or gives up.
    this.transport.post(bytes, source, () => undefined, request.callId);
  }

  #sendRequest(request: WrittenRequest, next: Peer | undefined, sent: Sent): void {
    const done: Sent = (fault) => {
      if (fault) this.#noteFault(request, fault);
      sent(fault);
    };
    try {
      this.#sendOnItsWay(request, next, done);
    } catch (error) {
      queueMicrotask(() => done(toSipflowError(error, 'TRANSPORT')));
    }
  }

  /** Notes the fault for its transaction. */
  #noteFault({ branch, method, flow }: WrittenRequest, fault: SipflowError): void {
    this.agent().noteFault(clientKey(branch, method), fault);
    if (method === 'ACK') flow?.owner?.ackFailed(fault);
  }

  /** Without a promise unless it takes a look-up: most requests go to an address that is known. */
  #sendOnItsWay(request: WrittenRequest, next: Peer | undefined, sent: Sent): void {
    const { branch, method } = request;
    const followsInvite = method === 'CANCEL' || method === 'ACK';
    const destination = next ?? (followsInvite ? this.agent().inviteDestination(branch) : undefined);
    if (destination) {
      this.#deliver(request, destination, sent);
      return;
    }
    if (request.flow) {
      this.#deliverInDialog(request, request.flow, sent);
      return;
    }
    const hop = this.#nextHop(request);
    if (!(hop instanceof Promise)) {
      this.#deliver(request, hop, sent);
      return;
    }
    hop
      .then((found) => this.#deliver(request, found, sent))
      .catch((error: unknown) => sent(toSipflowError(error, 'TRANSPORT')));
  }

  #deliverInDialog(request: WrittenRequest, flow: DialogFlow, sent: Sent): void {
    const way = this.dialogRoutes.find(request.route, request.uri, flow);
    let peer: Peer | Promise<Peer>;
    try {
      peer = way.first();
    } catch (error) {
      this.#wayFailed(request, flow, { way, tried: undefined, error }, sent);
      return;
    }
    if (!(peer instanceof Promise)) {
      this.#deliverFirst(request, flow, way, peer, sent);
      return;
    }
    peer.then(
      (found) => this.#deliverFirst(request, flow, way, found, sent),
      (error: unknown) => this.#wayFailed(request, flow, { way, tried: undefined, error }, sent),
    );
  }

  /** Takes the first way of the dialog. */
  #deliverFirst(request: WrittenRequest, flow: DialogFlow, way: DialogRoute, peer: Peer, sent: Sent): void {
    this.#deliver(request, peer, (error) => {
      if (error) this.#wayFailed(request, flow, { way, tried: peer, error }, sent);
      else sent();
    });
  }

  #wayFailed(
    request: WrittenRequest,
    flow: DialogFlow,
    { way, tried, error }: { way: DialogRoute; tried: Peer | undefined; error: unknown },
    sent: Sent,
  ): void {
    const fault = toSipflowError(error, 'TRANSPORT');
    void this.#deliverOtherwise(request, flow, { way, tried, fault }, sent);
  }

  /** Tries the second way of the dialog when the first one fails; what the first one said is why both did. */
  async #deliverOtherwise(
    request: WrittenRequest,
    flow: DialogFlow,
    { way, tried, fault }: { way: DialogRoute; tried: Peer | undefined; fault: SipflowError },
    sent: Sent,
  ): Promise<void> {
    let other: Peer | undefined;
    try {
      other = await way.second();
    } catch {
      // Then there is none.
    }
    if (!other || (tried && isSame(other, tried))) {
      sent(fault);
      return;
    }
    this.#deliver(request, other, (failure) => {
      if (!failure && way.byUri) flow.uriFailed = true;
      sent(failure && fault);
    });
  }

  #deliver(request: WrittenRequest, destination: Peer, sent: Sent): void {
    const { method } = request;
    const bytes = encode(request, destination);
    const large =
      method !== 'ACK' && method !== 'CANCEL' && this.transport.wantsConnection(bytes.length, destination);
    if (large) void this.#deliverLarge(request, bytes, destination, sent);
    else this.#deliverAsIs(request, bytes, destination, sent);
  }

  async #deliverLarge(request: WrittenRequest, bytes: Buffer, destination: Peer, sent: Sent): Promise<void> {
    if (await this.#sentByConnection(request, destination)) sent();
    else this.#deliverAsIs(request, bytes, destination, sent);
  }

  #deliverAsIs(request: WrittenRequest, bytes: Buffer, destination: Peer, sent: Sent): void {
    const { branch, method, callId } = request;
    if (this.transport.exceedsDatagram(bytes.length, destination)) {
      queueMicrotask(() => sent(tooLarge(bytes.length, method, destination)));
      return;
    }
    if (method === 'ACK') {
      this.transport.post(bytes, destination, sent, callId);
      return;
    }
    const transmission = { key: clientKey(branch, method), callId, bytes, destination };
    if (this.transport.reliableTo(destination)) this.#sendOnce(transmission, sent);
    else this.#sendAndRepeat(transmission, method === 'INVITE' ? 'invite' : 'request', sent);
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
    const { branch, method, callId } = request;
    const bytes = encode(request, connection);
    const transmission = { key: clientKey(branch, method), callId, bytes, destination: connection };
    const fault = await new Promise<SipflowError | undefined>((resolve) =>
      this.#sendOnce(transmission, resolve),
    );
    if (fault) {
      this.transport.noteRefusal(destination);
      return false;
    }
    // Its CANCEL and its ACK follow it.
    this.agent().redirectInvite(request.branch, connection);
    return true;
  }

  #sendResponse(response: WrittenResponse, sent: Sent): void {
    const { text, encoding, status, method, callId, key, source: destination } = response;
    const bytes = Buffer.from(text, encoding);
    // A 2xx is repeated by the dialog until its ACK, everything else only when the request comes again.
    if (method === 'INVITE' && status >= 300 && !this.transport.reliableTo(destination)) {
      this.#sendAndRepeat({ key, callId, bytes, destination }, 'invite-answer', sent);
    } else {
      this.transport.post(bytes, destination, sent, callId);
    }
  }

  #sendOnce({ key, callId, bytes, destination }: Transmission, sent: Sent): void {
    const resend = (): Promise<void> => this.transport.send(bytes, destination);
    const noted: Sent = (fault) => {
      if (!fault) {
        this.streamRequests.sent(key, destination, resend, (lost) => {
          if (lost) this.agent().noteFault(key, lost);
          this.agent().failRequest(key);
        });
      }
      sent(fault);
    };
    this.transport.post(bytes, destination, noted, callId);
  }

  #sendAndRepeat(transmission: Transmission, kind: RetransmissionKind, sent: Sent): void {
    this.retransmitter.start(transmission.key, kind, () => this.#repeat(transmission));
    this.#repeat(transmission, sent);
  }

  /** Sends such a message, for the first time or once more. What cannot be sent is not sent again. */
  #repeat({ key, callId, bytes, destination }: Transmission, sent?: Sent): void {
    const done: Sent = (fault) => {
      if (fault) this.retransmitter.handle(key, 'final');
      sent?.(fault);
    };
    this.transport.post(bytes, destination, done, callId);
  }
}

/** A message on its way, and what it is known by meanwhile. */
interface Transmission {
  /** Of its transaction. */
  readonly key: string;
  readonly callId: string;
  readonly bytes: Buffer;
  readonly destination: Peer;
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
