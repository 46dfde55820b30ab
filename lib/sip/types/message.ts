import type { ErrorCode } from '../../common';

export type TransportName = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** Header fields by canonical name, in order of appearance. */
export type Headers = Record<string, string[]>;

/** Header fields that a flow adds to a message; a list repeats the field. */
export type ExtraHeaders = Record<string, string | string[]>;

export interface MessageBody {
  contentType: string;
  content: string;
}

export interface SipResponseInfo {
  status: number;
  reason: string;
  headers: Headers;
  body?: MessageBody;
  /** The To tag: which fork of the call this response belongs to. */
  toTag?: string;
  /** Why nothing more was tried, as a sentence for people (a challenge that could not be met). */
  diagnosis?: string;
  /** Why our transport could not send the request, when that is what the response stands for. */
  fault?: ErrorCode;
}

export interface SipRequestInfo {
  method: string;
  requestUri: string;
  headers: Headers;
  body?: MessageBody;
}

/** Our address as one peer sees it. */
export interface SeenAddress {
  /** For SDP, without brackets. */
  readonly address: string;
  /** Whether a NAT may lie between us and that peer, so that it sees other ports than ours too. */
  readonly outside: boolean;
}
