import type { SipflowError } from '../../common';
import type { TransportName } from '../types';

/** CRLF CRLF: ignored in front of a message (RFC 3261, 7.5), a keep-alive ping on a stream (RFC 5626, 4.4.1). */
export const PING = Buffer.from('\r\n\r\n');

/** The far end of a message: where a response goes back to, or where a request is sent. */
export interface Peer {
  transport: TransportName;
  /** IP address without brackets, or a host name when it is a destination. */
  address: string;
  port: number;
  /** For TLS: the name that the certificate must prove. */
  serverName?: string;
  /** Where a response goes when the connection of its request is gone: the port in Via (RFC 3261, 18.2.2). */
  returnPort?: number;
  /** Milliseconds that a connection there may take, when there is another way; the transport's limit when absent. */
  patienceMs?: number;
}

export interface TransportHandlers {
  /** One datagram, or one message cut from a stream. */
  onMessage(bytes: Buffer, source: Peer): void;
  /** A STUN message that shares the UDP socket with SIP (RFC 7983). */
  onStun(bytes: Buffer): void;
  /** The socket failed after it had been bound. */
  onFailure(error: Error): void;
  /**
   * A connection is gone; what was sent over it may not have arrived. The fault says why, unless it was closed in
   * good order.
   */
  onConnectionLost(peer: Peer, fault?: SipflowError): void;
  /** A peer that has never answered a ping has left one unanswered: a request would show whether it is there. */
  onSilence(peer: Peer): void;
}

/** Told once that bytes were handed to the network, or why they could not be (TRANSPORT). */
export type Sent = (fault?: SipflowError) => void;

/** One bound socket, or one listener with its connections. */
export interface Transport {
  readonly name: TransportName;
  /** Whether the network below delivers; if not, messages are retransmitted. */
  readonly reliable: boolean;
  /** Bound address and port; valid after `start`. */
  readonly local: { address: string; port: number };
  /** Binds. Rejects with TRANSPORT when it cannot. */
  start(): Promise<void>;
  /** Rejects with TRANSPORT when the bytes could not be handed to the network. */
  send(bytes: Buffer, destination: Peer): Promise<void>;
  /**
   * The same without a promise, for transports whose messages hardly anybody waits for. `sent` is never called before
   * this function has returned.
   */
  post?(bytes: Buffer, destination: Peer, sent: Sent): void;
  /** Whether a message goes there without a new connection. */
  isOpen(peer: Peer): boolean;
  /** Sends a ping, and cuts the connection of a peer that does not answer it any more. */
  ping(peer: Peer): void;
  /** That peer has said that it answers pings. */
  expectPongs(peer: Peer): void;
  /** Cuts the connection to that peer, which does not answer any more; does nothing without one. */
  drop(peer: Peer): void;
  /** Resolves when the socket has emitted `close`, so that its port can be bound again. */
  close(): Promise<void>;
}
