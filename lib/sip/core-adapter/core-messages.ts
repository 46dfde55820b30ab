import type {
  Body,
  IncomingRequestMessage,
  IncomingResponseMessage,
  NameAddrHeader,
  OutgoingRequestMessage,
  URI,
} from 'sip.js/lib/core';
import type { SipflowError } from '../../common/errors';
import type { HeaderField } from '../message/extra-headers';
import { canonicalHeaderName } from '../message/header-names';
import { parseNameAddress, splitList } from '../message/header-values';
import { writeRest } from '../message/serialise';
import type { SipRequest, SipResponse } from '../message/sip-message';
import { hostOf } from '../message/uri';
import type { Peer } from '../transport/transport';
import type { CoreModule } from './core-module';

/**
 * Message classes of one copy of the core, filled from our parser. The core asks them for header fields; none of
 * its grammar is needed for that.
 */
export interface CoreMessages {
  /** @param key identifies the server transaction; the core finds retransmissions by it */
  incomingRequest(received: SipRequest, source: Peer, key: string): CoreRequest;
  /** @param remoteTarget stands in for a Contact that the response lacks */
  incomingResponse(received: SipResponse, remoteTarget: string): CoreResponse;
  OutgoingRequest: new (...args: ConstructorParameters<typeof OutgoingRequestMessage>) => OutgoingRequest;
}

export type CoreRequest = IncomingRequestMessage & { readonly received: SipRequest; readonly source: Peer };
/** A request of ours; `fields` are those that the core does not write itself. */
export type OutgoingRequest = OutgoingRequestMessage & {
  fields: HeaderField[];
  destination?: Peer;
  fault?: SipflowError;
};
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

  /** Nobody changes it. */
  clone(): this {
    return this;
  }
}

/** Fields whose values the core wants one by one, although a message may join them with commas. */
const LISTS = new Set(['Record-Route', 'Route', 'Contact']);

/** Order in which the core's own fields are written: what proxies need comes first (RFC 3261, 7.3.1). */
const FIRST_FIELDS = ['Via', 'Route', 'Max-Forwards', 'From', 'To', 'Call-ID', 'CSeq'];

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
    if (name === 'Content-Type') return token || 'application/octet-stream';
    if (value === undefined) return undefined;
    if (name === 'From' || name === 'To') return nameAddress(core, value);
    return name === 'Content-Disposition' ? { type: token } : undefined;
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
      return parse(this.received, name, this.remoteTarget);
    }
  }

  class OutgoingRequest extends core.OutgoingRequestMessage {
    fields: HeaderField[] = [];
    destination?: Peer;
    fault?: SipflowError;

    // The core's own accessors compute the spelling of every name, and make a regular expression for one that is
    // not there: together about 3 % of a call's samples in a profile.
    override setHeader(name: string, value: string | string[]): void {
      this.headers[canonicalHeaderName(name)] = Array.isArray(value) ? value : [value];
    }
    override getHeader(name: string): string | undefined {
      return this.headers[canonicalHeaderName(name)]?.[0] || undefined;
    }
    override getHeaders(name: string): string[] {
      return [...(this.headers[canonicalHeaderName(name)] ?? [])];
    }
    override hasHeader(name: string): boolean {
      return canonicalHeaderName(name) in this.headers;
    }

    override toString(): string {
      let text = `${this.method} ${this.ruri.toRaw()} SIP/2.0\r\n`;
      for (const name of FIRST_FIELDS) {
        for (const value of this.headers[name] ?? []) text += `${name}: ${value}\r\n`;
      }
      return text + writeRest(this.fields, messageBody(this.body));
    }
  }

  for (const { prototype } of [IncomingRequest, IncomingResponse]) readAddressesWhenAsked(core, prototype);

  return {
    incomingRequest: (received, source, key) => new IncomingRequest(received, source, key),
    incomingResponse: (received, remoteTarget) => new IncomingResponse(received, remoteTarget),
    OutgoingRequest,
  };
}

function messageBody(
  body: OutgoingRequestMessage['body'],
): { contentType: string; content: string } | undefined {
  if (body === undefined || typeof body === 'string') return undefined;
  return { contentType: body.contentType, content: body.body };
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
