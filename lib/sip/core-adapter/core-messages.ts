import type {
  Body,
  IncomingRequestMessage,
  IncomingResponseMessage,
  NameAddrHeader,
  URI,
} from 'sip.js/lib/core';
import { canonicalHeaderName } from '../message/header-names';
import { parseNameAddress, splitList } from '../message/header-values';
import { mediaTypeOf } from '../message/multipart';
import { describesSession } from '../message/session-description';
import type { SipRequest, SipResponse } from '../message/sip-message';
import type { From } from '../transport/identity';
import { hostOf } from '../message/uri';
import type { Peer } from '../transport/transport';
import type { CoreModule } from './core-module';
import { defineOutgoingRequest, type OutgoingRequestClass } from './outgoing-request';

/**
 * Message classes of one copy of the core, filled from our parser. The core asks them for header fields; none of
 * its grammar is needed for that.
 */
export interface CoreMessages {
  /** @param key identifies the server transaction; the core finds retransmissions by it */
  incomingRequest(received: SipRequest, source: Peer, key: string): CoreRequest;
  /** @param remoteTarget stands in for a Contact that the response lacks */
  incomingResponse(received: SipResponse, remoteTarget: string): CoreResponse;
  OutgoingRequest: OutgoingRequestClass;
}

export type CoreRequest = IncomingRequestMessage & { readonly received: SipRequest; readonly source: Peer };
export type CoreResponse = IncomingResponseMessage & { readonly received: SipResponse };

/** A URI that the core carries about but never looks into, so that it leaves as it came. */
export function verbatimUri(text: string): URI {
  return new VerbatimUri(text) as unknown as URI;
}

class VerbatimUri {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }

  toRaw(): string {
    return this.text;
  }

  /** The same object, because it is never changed. */
  clone(): this {
    return this;
  }
}

/** The same for From, with the rest that the requests of its dialog carry of the caller. */
export class CallerUri extends VerbatimUri {
  private constructor(readonly caller: From) {
    super(caller.uri);
  }

  static of(caller: From): URI {
    return new CallerUri(caller) as unknown as URI;
  }

  /** The caller of such a URI; undefined for any other. */
  static callerOf(uri: unknown): From | undefined {
    return uri instanceof CallerUri ? uri.caller : undefined;
  }
}

/** Fields whose values the core wants one by one, although a message may join them with commas. */
const LISTS = new Set(['Record-Route', 'Route', 'Contact']);

export function defineCoreMessages(core: CoreModule): CoreMessages {
  const parse = (received: SipRequest | SipResponse, given: string, remoteTarget: string): unknown => {
    const name = canonicalHeaderName(given);
    const value = received.headers.first(name);
    if (name === 'Contact') {
      // Without a Contact the core would drop the response, or fail on the request, that makes a dialog.
      return (
        nameAddress(core, splitList(value ?? '')[0] ?? '') ??
        new core.NameAddrHeader(verbatimUri(remoteTarget), '', {})
      );
    }
    const token = value?.split(';', 1)[0].trim().toLowerCase();
    // The core throws on a body without a type; as mere bytes it is no offer and no answer.
    if (name === 'Content-Type') {
      return received.body ? mediaTypeOf(received.body.contentType) : 'application/octet-stream';
    }
    if (value === undefined) return undefined;
    if (name === 'From' || name === 'To') return nameAddress(core, value);
    if (name !== 'Content-Disposition') return undefined;
    return { type: describesSession(received.cseq.method) ? 'session' : token };
  };
  const values = (received: SipRequest | SipResponse, name: string): string[] => {
    const canonical = canonicalHeaderName(name);
    const found = received.headers.all(canonical);
    return LISTS.has(canonical) ? found.flatMap(splitList) : found;
  };

  class IncomingRequest extends core.IncomingRequestMessage {
    private readonly remoteTarget: string;
    constructor(
      readonly received: SipRequest,
      readonly source: Peer,
      key: string,
    ) {
      super();
      this.remoteTarget = `sip:${hostOf(source.address)}:${source.port}`;
      this.method = received.method;
      this.ruri = verbatimUri(received.uri);
      this.viaBranch = key;
      fill(this, received);
    }
    override getHeader(name: string): string | undefined {
      return this.received.headers.first(canonicalHeaderName(name));
    }
    override getHeaders(name: string): string[] {
      return values(this.received, name);
    }
    override hasHeader(name: string): boolean {
      return this.received.headers.has(canonicalHeaderName(name));
    }
    override parseHeader(name: string): unknown {
      return parse(this.received, name, this.remoteTarget);
    }
  }

  class IncomingResponse extends core.IncomingResponseMessage {
    /** Read once, although the core asks for it at each step. */
    private contact: unknown;
    constructor(
      readonly received: SipResponse,
      private readonly remoteTarget: string,
    ) {
      super();
      this.method = received.cseq.method;
      this.statusCode = received.status;
      this.reasonPhrase = received.reason;
      this.viaBranch = received.via.branch;
      fill(this, received);
    }
    override getHeader(name: string): string | undefined {
      return this.received.headers.first(canonicalHeaderName(name));
    }
    override getHeaders(name: string): string[] {
      return values(this.received, name);
    }
    override hasHeader(name: string): boolean {
      return this.received.headers.has(canonicalHeaderName(name));
    }
    override parseHeader(name: string): unknown {
      if (name !== 'contact') return parse(this.received, name, this.remoteTarget);
      return (this.contact ??= parse(this.received, name, this.remoteTarget));
    }
  }

  for (const { prototype } of [IncomingRequest, IncomingResponse]) readAddressesWhenAsked(core, prototype);

  return {
    incomingRequest: (received, source, key) => new IncomingRequest(received, source, key),
    incomingResponse: (received, remoteTarget) => new IncomingResponse(received, remoteTarget),
    OutgoingRequest: defineOutgoingRequest(core),
  };
}

function fill(
  message: IncomingRequestMessage | IncomingResponseMessage,
  received: SipRequest | SipResponse,
): void {
  message.callId = received.callId;
  message.cseq = received.cseq.number;
  message.fromTag = received.fromTag ?? '';
  message.toTag = received.toTag ?? '';
  message.body = received.body?.content ?? '';
}

/** The core looks at From and To of requests that make a dialog, and of no other message. */
function readAddressesWhenAsked(
  core: CoreModule,
  prototype: { readonly received: SipRequest | SipResponse },
): void {
  type Message = typeof prototype;
  const address = (name: string): PropertyDescriptor => ({
    get(this: Message) {
      return nameAddress(core, this.received.headers.first(name) ?? '');
    },
  });
  Object.defineProperties(prototype, { from: address('From'), to: address('To') });
}

function nameAddress(core: CoreModule, value: string): NameAddrHeader | undefined {
  const parsed = parseNameAddress(value);
  if (!parsed) return undefined;
  return new core.NameAddrHeader(verbatimUri(parsed.uri), parsed.displayName ?? '', {});
}

/** A body as the core wants it. */
export function coreBody(body: { contentType: string; content: string } | undefined): Body | undefined {
  return body && { contentDisposition: bodyDisposition(body.contentType), ...body };
}

function bodyDisposition(contentType: string): string {
  return contentType === 'application/sdp' ? 'session' : 'render';
}
