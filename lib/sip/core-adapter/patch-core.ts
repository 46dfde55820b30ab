import type { Body, IncomingResponseMessage, OutgoingRequestMessage } from 'sip.js/lib/core';
import { CONTACT_PLACE } from '../message/default-answers';
import type { HeaderField } from '../message/extra-headers';
import { writeRequestLine, writeResponse } from '../message/serialise';
import { randomBranch } from '../message/tokens';
import type { WrittenMessage, WrittenResponse } from '../message/written-message';
import type { Sent } from '../transport/transport';
import { WRAPPER, type CoreDialog } from './core-dialog';
import type { CoreRequest } from './core-messages';
import type { CoreModule } from './core-module';
import { headerField } from './core-server';
import type { CoreContact, DialogRequests } from './core-user-agent';
import type { OutgoingRequest } from './outgoing-request';

/** Options of the core's `reply`; header fields come as whole lines. */
interface ReplyOptions {
  statusCode: number;
  reasonPhrase?: string;
  toTag?: string;
  /** Lines of the core among fields of ours, see `opaqueLines`. */
  extraHeaders?: (string | HeaderField)[];
  body?: Body;
}

interface DialogInternals {
  readonly core: DialogRequests;
  readonly [WRAPPER]?: CoreDialog;
  createOutgoingRequestMessage: (this: DialogInternals, method: string, options?: unknown) => OutgoingRequest;
}

/** Members of the core that its type declarations hide. */
interface ServerInternals {
  core: { configuration: { contact: CoreContact } };
  message: CoreRequest;
  toTag: string;
  transaction: { receiveResponse(status: number, response: WrittenResponse): void };
  reply(options: ReplyOptions): { message: WrittenResponse };
}

interface TransactionInternals {
  readonly transport: { send(message: WrittenMessage, sent: Sent): void };
  onTransportError(fault: Error): void;
  send(message: WrittenMessage): typeof NOTHING_TO_AWAIT;
}

/** Result of `Transaction.send`: the core only wants to log a rejection, for which each message would cost it three promises. */
const NOTHING_TO_AWAIT = { catch: (): void => undefined };

export interface InviteClientInternals {
  readonly request: OutgoingRequest;
  readonly transport: { protocol: string };
  ackRetransmissionCache: Map<string, OutgoingRequest | undefined>;
  send(message: WrittenMessage): unknown;
  ackResponse(ack: OutgoingRequest): void;
  ack(response: IncomingResponseMessage): void;
}

/**
 * Mends the private copy where it falls short of RFC 3261: branches have 96 random bits instead of 23 (its own
 * collided 1,825 times in 600,000 INVITEs), the ACK to a final non-2xx carries the whole route set, and responses
 * come from our serialiser, which echoes the request's header fields as they came. Requests within a dialog know where
 * the messages of that dialog come from.
 */
export function patchCore(core: CoreModule): void {
  const ids = core.ClientTransaction as unknown as { makeId(request: OutgoingRequestMessage): string };
  ids.makeId = (request): string => {
    if (request.method === 'CANCEL' && request.branch !== undefined) return request.branch;
    return randomBranch();
  };

  const transaction = Object.getPrototypeOf(core.ClientTransaction.prototype) as TransactionInternals;
  transaction.send = function (message): typeof NOTHING_TO_AWAIT {
    this.transport.send(message, (fault) => {
      if (fault) this.onTransportError(fault);
    });
    return NOTHING_TO_AWAIT;
  };

  const client = core.InviteClientTransaction.prototype as unknown as InviteClientInternals;
  client.ackResponse = function (ack): void {
    ack.setViaHeader(randomBranch(), this.transport.protocol);
    this.ackRetransmissionCache.set(ack.toTag ?? '', ack);
    this.send(ack.write());
  };
  client.ack = function (response): void {
    const { request } = this;
    const invite = request.write();
    const text = writeRequestLine('ACK', invite.uri, request.via, request.routes);
    // A response that lacks its To was taken by its branch.
    const to = response.getHeader('to') ?? `<${request.to.uri.toRaw()}>`;
    const rest = `From: ${request.fromValue}\r\nTo: ${to}\r\nCall-ID: ${request.callId}\r\n`;
    this.send({
      ...invite,
      method: 'ACK',
      text: `${text}${rest}CSeq: ${request.cseq} ACK\r\nContent-Length: 0\r\n\r\n`,
    });
  };

  const dialog = core.SessionDialog.prototype as unknown as DialogInternals;
  const createRequest = dialog.createOutgoingRequestMessage;
  dialog.createOutgoingRequestMessage = function (...parts): OutgoingRequest {
    this.core.flow = this[WRAPPER]?.flow;
    try {
      return createRequest.apply(this, parts);
    } finally {
      this.core.flow = undefined;
    }
  };

  const server = core.UserAgentServer.prototype as unknown as ServerInternals;
  server.reply = function (options): { message: WrittenResponse } {
    const { received, source, viaBranch } = this.message;
    const contact = this.core.configuration.contact;
    const fields: HeaderField[] = [];
    for (const line of options.extraHeaders ?? []) {
      const field = headerField(line);
      // The core repeats the route set in the answer to a re-INVITE, where it means nothing.
      if (field[0] === 'Record-Route' && this.message.toTag !== '') continue;
      fields.push(field[1] === CONTACT_PLACE ? [field[0], contact.toward(this.message)] : field);
    }
    const message: WrittenResponse = {
      kind: 'response',
      text: writeResponse(received, {
        status: options.statusCode,
        reason: options.reasonPhrase,
        toTag: options.toTag ?? this.toTag,
        fields,
        body: options.body,
      }),
      encoding: received.encoding,
      status: options.statusCode,
      method: received.method,
      callId: received.callId,
      key: viaBranch,
      source,
    };
    this.transaction.receiveResponse(options.statusCode, message);
    return { message };
  };
}
