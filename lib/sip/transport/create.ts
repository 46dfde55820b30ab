import type { Clock } from '../../common';
import type { EndpointOptions, TransportName } from '../types';
import { addKind, type TransportKind } from './kinds';
import { StreamTransport } from './stream-transport';
import { TCP_SOCKETS } from './tcp-sockets';
import { tlsSockets } from './tls-sockets';
import type { Transport, TransportHandlers } from './transport';
import { UdpTransport } from './udp-transport';
import { WebSocketTransport } from './websocket-transport';

/**
 * Makes the transport of an endpoint; nothing is bound yet.
 *
 * @throws SipflowError TLS for keys and certificates that cannot be used, BAD_CONFIG
 */
export type CreateTransport = (
  options: EndpointOptions,
  handlers: TransportHandlers,
  clock: Clock,
) => Transport;

const CREATE: Record<TransportName, CreateTransport> = {
  udp: ({ bindAddress, port }, handlers) => new UdpTransport(bindAddress, port, handlers),
  tcp: ({ bindAddress, port }, handlers, clock) =>
    new StreamTransport(TCP_SOCKETS, bindAddress, port, handlers, undefined, clock),
  tls: ({ bindAddress, port, tls }, handlers, clock) =>
    new StreamTransport(tlsSockets(tls), bindAddress, port, handlers, undefined, clock),
  ws: ({ bindAddress, port, allowedOrigins = [] }, handlers, clock) =>
    new WebSocketTransport(bindAddress, port, handlers, allowedOrigins, clock),
  wss: ({ bindAddress, port, allowedOrigins = [], tls = {} }, handlers, clock) =>
    new WebSocketTransport(bindAddress, port, handlers, allowedOrigins, clock, tls),
};

/** The transport that an endpoint's options name. Throws as `CreateTransport` does. */
export const createTransport: CreateTransport = (options, handlers, clock) =>
  CREATE[options.transport](options, handlers, clock);

/**
 * Adds a transport to those of the package.
 *
 * @returns takes it out again
 */
export function registerTransport(
  name: TransportName,
  kind: TransportKind,
  create: CreateTransport,
): () => void {
  const makers: Record<string, CreateTransport> = CREATE;
  const removeKind = addKind(name, kind);
  makers[name] = create;
  return () => {
    removeKind();
    delete makers[name];
  };
}
