import { maskHeaders } from '../../common';
import type { Peer } from '../transport/transport';
import type { Headers, MessageBody, SipRequestInfo, SipResponseInfo } from '../types';
import type { HeaderFields } from './header-fields';
import { parseNameAddress, tagOf, type NameAddress } from './header-values';
import { describesSession, readContent, type Content } from './session-description';
import type { Via } from './via';

/** The fields that every message must have (RFC 3261, 8.1.1), already taken apart. */
export interface EssentialFields {
  via: Via;
  callId: string;
  cseq: { number: number; method: string };
}

/** `utf8` unless the header section is not valid UTF-8: then bytes are kept as latin1, so that an echo is exact. */
export type HeaderEncoding = 'utf8' | 'latin1';

/** A received or sent message whose essential fields are sound. */
abstract class SipMessage {
  readonly via: Via;
  readonly callId: string;
  readonly cseq: { number: number; method: string };
  readonly fromTag: string | undefined;
  readonly toTag: string | undefined;
  #content: Content | undefined;

  constructor(
    readonly headers: HeaderFields,
    essential: EssentialFields,
    /** Body as received; `body` is the session description in it. */
    readonly entity: MessageBody | undefined,
    readonly encoding: HeaderEncoding,
  ) {
    this.via = essential.via;
    this.callId = essential.callId;
    this.cseq = essential.cseq;
    this.fromTag = tagOf(headers.first('From') ?? '');
    this.toTag = tagOf(headers.first('To') ?? '');
  }

  /** Header fields as the flow may see them: a copy without credentials. */
  protected plainHeaders(): Headers {
    return maskHeaders(this.headers.toRecord());
  }

  /** Session description of an INVITE, ACK, PRACK, UPDATE or a response to one, or the fault of its body. */
  get content(): Content {
    return (this.#content ??= readContent(this.entity, this.headers));
  }

  /** The session description of a message that may carry one, whatever it is wrapped in; else the body as it came. */
  get body(): MessageBody | undefined {
    return describesSession(this.cseq.method) ? this.content.description : this.entity;
  }

  get from(): NameAddress | undefined {
    return parseNameAddress(this.headers.first('From') ?? '');
  }

  get to(): NameAddress | undefined {
    return parseNameAddress(this.headers.first('To') ?? '');
  }
}

export class SipRequest extends SipMessage {
  readonly kind = 'request';
  /** Bytes that it came in, with what followed it in its datagram. */
  size = 0;

  constructor(
    readonly method: string,
    /** Request-URI, verbatim. */
    readonly uri: string,
    headers: HeaderFields,
    essential: EssentialFields,
    entity: MessageBody | undefined,
    encoding: HeaderEncoding = 'utf8',
  ) {
    super(headers, essential, entity, encoding);
  }

  toInfo(): SipRequestInfo {
    const { body } = this;
    return {
      method: this.method,
      requestUri: this.uri,
      headers: this.plainHeaders(),
      ...(body && { body }),
    };
  }
}

export class SipResponse extends SipMessage {
  readonly kind = 'response';
  /** Source of the request, once it is known. */
  source: Peer | undefined;

  constructor(
    readonly status: number,
    readonly reason: string,
    headers: HeaderFields,
    essential: EssentialFields,
    entity: MessageBody | undefined,
    encoding: HeaderEncoding = 'utf8',
  ) {
    super(headers, essential, entity, encoding);
  }

  toInfo(): SipResponseInfo {
    const { toTag, body } = this;
    const info: SipResponseInfo = { status: this.status, reason: this.reason, headers: this.plainHeaders() };
    if (body) info.body = body;
    if (toTag !== undefined) info.toTag = toTag;
    return info;
  }
}
