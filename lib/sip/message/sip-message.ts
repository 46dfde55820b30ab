import { maskHeaders } from '../../common/secrets';
import type { Peer } from '../transport/transport';
import type { Headers, MessageBody, SipRequestInfo, SipResponseInfo } from '../types';
import type { HeaderFields } from './header-fields';
import { parseNameAddress, tagOf, type NameAddress } from './header-values';
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

  constructor(
    readonly headers: HeaderFields,
    essential: EssentialFields,
    readonly body: MessageBody | undefined,
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

  get from(): NameAddress | undefined {
    return parseNameAddress(this.headers.first('From') ?? '');
  }

  get to(): NameAddress | undefined {
    return parseNameAddress(this.headers.first('To') ?? '');
  }
}

export class SipRequest extends SipMessage {
  readonly kind = 'request';

  constructor(
    readonly method: string,
    /** Request-URI, verbatim. */
    readonly uri: string,
    headers: HeaderFields,
    essential: EssentialFields,
    body: MessageBody | undefined,
    encoding: HeaderEncoding = 'utf8',
  ) {
    super(headers, essential, body, encoding);
  }

  toInfo(): SipRequestInfo {
    return {
      method: this.method,
      requestUri: this.uri,
      headers: this.plainHeaders(),
      ...(this.body && { body: this.body }),
    };
  }
}

export class SipResponse extends SipMessage {
  readonly kind = 'response';
  /** Where it came from, once that is known. */
  source: Peer | undefined;

  constructor(
    readonly status: number,
    readonly reason: string,
    headers: HeaderFields,
    essential: EssentialFields,
    body: MessageBody | undefined,
    encoding: HeaderEncoding = 'utf8',
  ) {
    super(headers, essential, body, encoding);
  }

  toInfo(): SipResponseInfo {
    const toTag = this.toTag;
    return {
      status: this.status,
      reason: this.reason,
      headers: this.plainHeaders(),
      ...(this.body && { body: this.body }),
      ...(toTag !== undefined && { toTag }),
    };
  }
}
