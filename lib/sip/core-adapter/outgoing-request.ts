import type { Body, OutgoingRequestMessage, OutgoingRequestMessageOptions, URI } from 'sip.js/lib/core';
import type { SipflowError } from '../../common';
import { writeBody, writeRequestLine } from '../message/serialise';
import type { WrittenRequest } from '../message/written-message';
import type { DialogFlow } from '../transport/dialog-flow';
import type { Peer } from '../transport/transport';
import type { CoreModule } from './core-module';

/**
 * Stands for the To tag that a response lacks (RFC 2543 knew none): the core makes no dialog without a tag. It cannot
 * be a real tag, and is never written.
 */
export const NO_TAG = ' ';

/** Sender of a request: the parts of From and Via, and the fields of the phone. */
export interface Sender {
  /** For From, escaped; empty when there is none. */
  displayName: string;
  /** sent-by of Via. */
  sentBy: string;
  /** The header fields that the core does not know of, as they are written. */
  fields: string;
}

export type OutgoingRequest = OutgoingRequestMessage & {
  destination?: Peer;
  fault?: SipflowError;
  /** 70 when absent. */
  maxForwards?: number | undefined;
  /** Of the dialog that it belongs to. */
  flow?: DialogFlow | undefined;
  /** Value of Via, once the request has a branch. */
  readonly via: string;
  /** Value of From. */
  readonly fromValue: string;
  readonly routes: readonly string[];
  /** The request as it goes to the network. */
  write(): WrittenRequest;
  /** The request has its final response: its text, most of what an idle call would weigh, is not needed any longer. */
  forgetText(): void;
};

export type OutgoingRequestClass = new (
  method: string,
  ruri: URI,
  from: URI,
  to: URI,
  options: OutgoingRequestMessageOptions,
  body: Body | undefined,
  sender: Sender,
) => OutgoingRequest;

/**
 * The class that stands in for the core's outgoing request. The core's own keeps a table of header fields under
 * computed spellings, which cost more than everything else about a request; here a request is its parts.
 */
export function defineOutgoingRequest(core: CoreModule): OutgoingRequestClass {
  class Request {
    destination?: Peer;
    fault?: SipflowError;
    maxForwards: number | undefined;
    flow: DialogFlow | undefined;
    branch: string | undefined;
    via = '';
    readonly from: { readonly uri: URI };
    readonly to: { readonly uri: URI };
    readonly fromValue: string;
    readonly callId: string;
    readonly cseq: number;
    readonly fromTag: string;
    readonly toTag: string | undefined;
    readonly body: { body: string; contentType: string } | undefined;
    /** The core gives a CANCEL the Route of its INVITE here. */
    readonly headers: { Route?: string[] };
    readonly #sender: Sender;
    #protocol = '';
    #written: WrittenRequest | undefined;

    constructor(
      readonly method: string,
      readonly ruri: URI,
      from: URI,
      to: URI,
      options: OutgoingRequestMessageOptions,
      body: Body | undefined,
      sender: Sender,
    ) {
      const { callId = '', cseq = 1, fromTag = '', toTag, routeSet } = options;
      this.from = { uri: from };
      this.to = { uri: to };
      const name = sender.displayName ? `"${sender.displayName}" ` : '';
      this.fromValue = `${name}<${from.toRaw()}>;tag=${fromTag}`;
      this.callId = callId;
      this.cseq = cseq;
      this.fromTag = fromTag;
      this.toTag = toTag === NO_TAG ? undefined : toTag;
      this.headers = { Route: routeSet };
      this.#sender = sender;
      this.body = body && { body: body.content, contentType: body.contentType };
    }

    get routes(): readonly string[] {
      return this.headers.Route ?? [];
    }

    setViaHeader(branch: string, transport: string): void {
      this.branch = branch;
      this.#written = undefined;
      this.#protocol = transport;
      this.via = `SIP/2.0/${transport} ${this.#sender.sentBy};branch=${branch};rport`;
    }

    /** The core looks for Content-Type and Content-Disposition, which follow from the body. */
    getHeader(): undefined {
      return undefined;
    }

    /** The core hands on what this returns, without a look at it. */
    toString(): string {
      return this.write() as unknown as string;
    }

    write(): WrittenRequest {
      return (this.#written ??= this.#write());
    }

    forgetText(): void {
      this.#written = undefined;
    }

    #write(): WrittenRequest {
      const { method, toTag, routes } = this;
      const uri = this.ruri.toRaw();
      const to = `<${this.to.uri.toRaw()}>${toTag ? `;tag=${toTag}` : ''}`;
      const body = this.body && { contentType: this.body.contentType, content: this.body.body };
      const text =
        writeRequestLine(method, uri, this.via, routes, this.maxForwards) +
        `From: ${this.fromValue}\r\nTo: ${to}\r\nCall-ID: ${this.callId}\r\nCSeq: ${this.cseq} ${method}\r\n` +
        this.#sender.fields +
        writeBody(body);
      return {
        kind: 'request',
        text,
        method,
        callId: this.callId,
        branch: this.branch ?? '',
        protocol: this.#protocol,
        uri,
        route: routes[0],
        flow: this.flow,
      };
    }
  }
  // The core asks what class a message has.
  Object.setPrototypeOf(Request.prototype, core.OutgoingRequestMessage.prototype);
  return Request as unknown as OutgoingRequestClass;
}
