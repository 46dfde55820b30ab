import { detached, TurnoverMap } from '../../common';
import type { Admission, Replaced } from '../invite/admission';
import { reportSignallingFault } from '../transaction/signalling-fault';
import type { InviteServer, UserAgent } from '../transaction/user-agent';
import { optionsFields } from '../message/default-answers';
import type { Dialog } from '../dialog/dialog';
import { parseMessage, type ParseResult } from '../message/parse-message';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest, SipResponse } from '../message/sip-message';
import { stampVia } from '../message/via';
import type { Retransmitter } from '../transaction/retransmitter';
import type { StreamRequests } from '../transaction/stream-requests';
import { clientKey, transactionKey } from '../transaction/transaction-key';
import { refuseMalformed, screenRequest } from './screen-request';
import type { LatePracks } from '../transaction/late-pracks';
import { defaultPort, TRANSPORTS } from '../transport/kinds';
import type { Peer } from '../transport/transport';

/** INVITEs that may wait for our answer at the same time; further ones get 503, calls that stand go on. */
const MAX_PENDING_INVITES = 2000;

export interface DispatcherHost {
  readonly agent: UserAgent;
  readonly dialogs: TurnoverMap<string, Dialog>;
  readonly latePracks: LatePracks;
  /** A message has come; its Call-ID is undefined when it has none that can be read. */
  received(bytes: Buffer, source: Peer, callId: string | undefined): void;
  answer(request: SipRequest, source: Peer, response: ResponseOptions): void;
  /** Whether that source may send requests outside of dialogs. */
  accepts(source: Peer): boolean;
  /** A request has passed the first checks; its sender may be reachable over its connection only. */
  heardOf(request: SipRequest, source: Peer): void;
  /** The challenge to a request whose sender has to authenticate; undefined when it may pass. */
  challenge(request: SipRequest): ResponseOptions | undefined;
  /** Whether an INVITE that opens a dialog becomes a call. */
  admit(request: SipRequest): Admission;
  /** A new call; answered by the host. */
  invited(server: InviteServer, replaces: Replaced): void;
  /** An OPTIONS, MESSAGE or NOTIFY outside of dialogs; answered by the host, as a rule with the given answer. */
  asked(request: SipRequest, source: Peer, key: string, fallback: ResponseOptions): void;
  /** A NOTIFY in no dialog of a call; answered by the host when it is for a subscription of ours. */
  notified(request: SipRequest, source: Peer, key: string): boolean;
}

/** Finds the transaction, the dialog or the new call that a received message is for (RFC 3261, 8.2 and 12.2.2). */
export class Dispatcher {
  /** INVITEs with a server transaction, by what stays the same when a proxy forks (RFC 3261, 8.2.2.2). */
  readonly #merged = new Set<string>();
  readonly #invites = new TurnoverMap<string, { readonly toTag: string; server: InviteServer | undefined }>();
  #pending = 0;

  constructor(
    private readonly host: DispatcherHost,
    private readonly retransmitter: Retransmitter,
    private readonly streamRequests: StreamRequests,
  ) {}

  /** Takes what a transport received. Never throws: what fails is answered 500 and reported. */
  receive(bytes: Buffer, source: Peer): void {
    let request: SipRequest | undefined;
    try {
      const result = parseMessage(bytes);
      this.host.received(bytes, source, callIdOf(result));
      if (result.kind === 'refused') {
        ({ request } = result);
        const peer = stampSource(request, source);
        const { status, reason } = result;
        this.host.answer(request, peer, refuseMalformed(request, { status, reason }));
      } else if (result.kind === 'message' && result.message.kind === 'request') {
        request = result.message;
        this.#receiveRequest(request, stampSource(request, source));
      } else if (result.kind === 'message') {
        this.#receiveResponse(result.message as SipResponse, source);
      }
    } catch (error) {
      reportSignallingFault(error, 'dispatch');
      if (request && request.method !== 'ACK') this.#answerFault(request, source);
    }
  }

  /** Forgets the calls that wait for an answer. */
  reset(): void {
    this.#merged.clear();
    this.#invites.clear();
    this.host.latePracks.reset();
    this.#pending = 0;
  }

  #receiveResponse(response: SipResponse, source: Peer): void {
    // A response with several Vias was not meant for us (RFC 3261, 8.1.3.3).
    if (response.headers.count('Via') > 1) return;
    response.source = source;
    const key = clientKey(response.via.branch, response.cseq.method);
    this.streamRequests.answered(key);
    this.retransmitter.handle(key, response.status < 200 ? 'provisional' : 'final');
    this.host.agent.receiveResponse(response);
  }

  #receiveRequest(request: SipRequest, source: Peer): void {
    const key = transactionKey(request);
    if (request.method === 'CANCEL') {
      this.#cancel(request, source, key);
      return;
    }
    if (this.host.agent.receiveInTransaction(request, source, key)) {
      if (request.method === 'ACK') this.retransmitter.handle(key, 'ack');
      return;
    }
    if (request.toTag === undefined && request.method !== 'ACK' && !this.host.accepts(source)) {
      this.host.answer(request, source, { status: 403 });
      return;
    }
    const refusal = screenRequest(request);
    if (refusal) {
      this.host.answer(request, source, refusal);
      return;
    }
    this.host.heardOf(request, source);
    if (request.toTag !== undefined) this.#receiveInDialog(request, source, key);
    else this.#receiveOutOfDialog(request, source, key);
  }

  #receiveInDialog(request: SipRequest, source: Peer, key: string): void {
    const dialog = this.host.dialogs.get(`${request.callId}${request.toTag}${request.fromTag ?? ''}`);
    // A peer that we have called has no account here.
    const challenge = dialog && !dialog.isCaller && this.host.challenge(request);
    if (challenge) this.host.answer(request, source, challenge);
    else if (dialog) dialog.receive(request, source, key);
    else if (request.method === 'NOTIFY' && this.host.notified(request, source, key)) return;
    else if (request.method !== 'ACK') {
      this.host.answer(request, source, { status: this.host.latePracks.includes(request) ? 200 : 481 });
    }
  }

  #receiveOutOfDialog(request: SipRequest, source: Peer, key: string): void {
    const { method } = request;
    const challenge = (method === 'INVITE' || method === 'MESSAGE') && this.host.challenge(request);
    if (challenge) {
      this.host.answer(request, source, challenge);
      return;
    }
    switch (request.method) {
      case 'ACK':
        return;
      case 'INVITE':
        this.#invite(request, source, key);
        return;
      case 'OPTIONS':
        this.host.asked(request, source, key, { status: 200, fields: optionsFields() });
        return;
      case 'MESSAGE':
        this.host.asked(request, source, key, { status: 200 });
        return;
      case 'NOTIFY':
        this.host.asked(request, source, key, { status: 481 });
        return;
      case 'REFER':
        // A REFER outside of dialogs may not make us call (RFC 3515, 5).
        this.host.answer(request, source, { status: 403 });
        return;
      default:
        // BYE, INFO and UPDATE make sense inside a dialog only.
        this.host.answer(request, source, { status: 481 });
    }
  }

  #invite(request: SipRequest, source: Peer, transaction: string): void {
    const identity = `${request.callId}|${request.fromTag ?? ''}|${request.cseq.number}`;
    if (this.#merged.has(identity)) {
      this.host.answer(request, source, { status: 482 });
      return;
    }
    if (this.#pending >= MAX_PENDING_INVITES) {
      this.host.answer(request, source, { status: 503, fields: [['Retry-After', '10']] });
      return;
    }
    const admission = this.host.admit(request);
    if ('refusal' in admission) {
      // Without a transaction: a flood of refused calls leaves no state, and each copy costs one answer.
      this.host.answer(request, source, admission.refusal);
      return;
    }
    // Both are kept for 32 s after the call: not with them the INVITE that they were cut out of.
    const key = detached(transaction);
    const merged = detached(identity);
    const server = this.host.agent.openInvite(request, source, key);
    this.#merged.add(merged);
    this.#invites.set(key, { toTag: server.toTag, server });
    this.#pending++;
    this.#follow(server, key, merged);
    this.host.invited(server, admission.replaces);
  }

  /** In a function of its own, because what it captures stays for as long as the transaction. */
  #follow(server: InviteServer, key: string, merged: string): void {
    server.follow({
      retired: () => {
        const invite = this.#invites.get(key);
        if (invite) invite.server = undefined;
      },
      terminated: () => {
        this.#merged.delete(merged);
        this.#invites.delete(key);
      },
    });
  }

  /** A call has got its final answer. */
  settled(): void {
    this.#pending = Math.max(0, this.#pending - 1);
  }

  #cancel(request: SipRequest, source: Peer, key: string): void {
    const invite = this.#invites.get(key);
    if (!invite) {
      this.host.answer(request, source, { status: 481 });
      return;
    }
    const { server, toTag } = invite;
    this.host.answer(request, source, { status: 200, toTag });
    if (server?.pending) server.handlers?.cancelled();
  }

  #answerFault(request: SipRequest, source: Peer): void {
    try {
      this.host.answer(request, source, { status: 500 });
    } catch (error) {
      reportSignallingFault(error, 'answer 500');
    }
  }
}

function callIdOf(result: ParseResult): string | undefined {
  if (result.kind === 'message') return result.message.callId;
  return result.kind === 'refused' ? result.request.callId : undefined;
}

/** Notes the source in the top Via, and returns where the response goes (RFC 3261, 18.2.2; RFC 3581, 4). */
function stampSource(request: SipRequest, source: Peer): Peer {
  const { headers, via } = request;
  headers.replaceFirst('Via', stampVia(headers.first('Via') ?? '', via, source));
  const port = via.port ?? defaultPort(source.transport);
  if (TRANSPORTS[source.transport].reliable) return { ...source, returnPort: port };
  return via.has('rport') ? source : { ...source, port };
}
