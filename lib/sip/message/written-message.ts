import type { DialogFlow } from '../transport/dialog-flow';
import type { Peer } from '../transport/transport';
import type { HeaderEncoding } from './sip-message';

/** A message of ours that is ready to be sent, and what its way through the network depends on. */
export type WrittenMessage = WrittenRequest | WrittenResponse;

export interface WrittenRequest {
  readonly kind: 'request';
  readonly text: string;
  readonly method: string;
  readonly callId: string;
  /** Branch of the top Via. */
  readonly branch: string;
  /** Transport that the top Via names, upper case. */
  readonly protocol: string;
  /** Request-URI. */
  readonly uri: string;
  /** Value of the first Route. */
  readonly route: string | undefined;
  /** Flow of its dialog; undefined outside of dialogs. */
  readonly flow?: DialogFlow | undefined;
}

export interface WrittenResponse {
  readonly kind: 'response';
  readonly text: string;
  /** That of the request, whose header fields it echoes. */
  readonly encoding: HeaderEncoding;
  readonly status: number;
  readonly method: string;
  readonly callId: string;
  /** Server transaction that it belongs to. */
  readonly key: string;
  /** Source of the request. */
  readonly source: Peer;
}
