/** Expected reaction of a user agent to a message; `status` lists the best answer first. */
export type Expectation =
  /** The INVITE reaches the application as a new call, whose answer is the application's. */
  | { kind: 'call'; calledUser?: string; requestUri?: string }
  /** One final response, without the application (or from the application's own handler of that method). */
  | { kind: 'response'; status: number | number[]; headers?: Record<string, RegExp> }
  /** Nothing may be sent, and nothing may reach the application. */
  | { kind: 'silence' };

export interface TortureCase {
  /** The name that the RFC gives the message, or one like it. */
  name: string;
  /** `RFC 4475, 3.1.1.1` */
  section: string;
  title: string;
  bytes: Buffer;
  expect: Expectation;
  /** Why this answer is right for a user agent that is neither registrar nor proxy. */
  why: string;
  /** Answers that common practice gives too, with the reason in `alternatives`. */
  or?: Expectation[];
  alternatives?: string;
  /** Texts that the response must contain byte for byte: Call-ID, branches, tags. */
  echoes: (string | Buffer)[];
  /** `datagram`: the point of the case is where a datagram ends, so it means something else on a stream. */
  framing: 'any' | 'datagram';
  /** On a stream the end of the message cannot be known: the connection may be closed after the answer. */
  breaksStream?: boolean;
}

export interface TortureOptions {
  /** Host and port of the top Via, so that responses find the way back; default `127.0.0.1:5060`. */
  sentBy?: string;
  /** Transport of the top Via; default UDP. */
  transport?: 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';
}
