import type { Body, IncomingResponseMessage, OutgoingRequestMessage } from 'sip.js/lib/core';
import { CONTACT_PLACE } from '../default-answers';
import type { HeaderField } from '../message/extra-headers';
import { writeResponse } from '../message/serialise';
import { randomBranch } from '../reliability/tokens';
import type { CoreModule } from './core-module';
import type { CoreRequest } from './core-messages';
import { headerField } from './core-server';
import type { CoreContact } from './core-user-agent';

/** Options of the core's `reply`; header fields come as whole lines. */
interface ReplyOptions {
  statusCode: number;
  reasonPhrase?: string;
  toTag?: string;
  extraHeaders?: string[];
  body?: Body;
}

/** Members of the core that its type declarations hide. */
interface ServerInternals {
  core: { configuration: { contact: CoreContact } };
  message: CoreRequest;
  toTag: string;
  transaction: { receiveResponse(status: number, response: string): void };
  reply(options: ReplyOptions): { message: string };
}

interface InviteClientInternals {
  readonly request: OutgoingRequestMessage;
  readonly transport: { protocol: string };
  ackRetransmissionCache: Map<string, OutgoingRequestMessage | undefined>;
  send(text: string): Promise<void>;
  logTransportError(error: Error, message: string): void;
  ackResponse(ack: OutgoingRequestMessage): void;
  ack(response: IncomingResponseMessage): void;
}

/**
 * Mends the private copy where it falls short of RFC 3261: branches have 96 random bits instead of 23 (its own
 * collided 1,825 times in 600,000 INVITEs), the ACK to a final non-2xx carries the whole route set, and responses
 * come from our serialiser, which echoes the request's header fields as they came.
 */
export function patchCore(core: CoreModule): void {
  const ids = core.ClientTransaction as unknown as { makeId(request: OutgoingRequestMessage): string };
  ids.makeId = (request): string => {
    if (request.method === 'CANCEL' && request.branch !== undefined) return request.branch;
    return randomBranch();
  };

  const client = core.InviteClientTransaction.prototype as unknown as InviteClientInternals;
  client.ackResponse = function (ack): void {
    ack.setViaHeader(randomBranch(), this.transport.protocol);
    this.ackRetransmissionCache.set(ack.toTag ?? '', ack);
    sendAck(this, ack.toString());
  };
  client.ack = function (response): void {
    const { request } = this;
    let text = `ACK ${request.ruri.toRaw()} SIP/2.0\r\nVia: ${request.getHeader('via')}\r\n`;
    for (const route of request.getHeaders('route')) text += `Route: ${route}\r\n`;
    text += `Max-Forwards: 70\r\nFrom: ${request.getHeader('from')}\r\nTo: ${response.getHeader('to')}\r\n`;
    text += `Call-ID: ${request.callId}\r\nCSeq: ${request.cseq} ACK\r\nContent-Length: 0\r\n\r\n`;
    sendAck(this, text);
  };

  const server = core.UserAgentServer.prototype as unknown as ServerInternals;
  server.reply = function (options): { message: string } {
    const message = writeResponse(this.message.received, {
      status: options.statusCode,
      reason: options.reasonPhrase,
      toTag: options.toTag ?? this.toTag,
      fields: options.extraHeaders
        ?.map(headerField)
        .filter(([name]) => {
          // The core repeats the route set in the answer to a re-INVITE, where it means nothing.
          return name !== 'Record-Route' || this.message.toTag === '';
        })
        .map(([name, value]): HeaderField => {
          if (value !== CONTACT_PLACE) return [name, value];
          return [name, this.core.configuration.contact.toward(this.message)];
        }),
      body: options.body,
    });
    this.transaction.receiveResponse(options.statusCode, message);
    return { message };
  };
}

function sendAck(transaction: InviteClientInternals, text: string): void {
  transaction.send(text).catch((error: Error) => transaction.logTransportError(error, 'ACK not sent'));
}
