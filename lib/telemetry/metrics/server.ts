import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SipflowError } from '../../common';
import type { MetricsPage } from '../types';

/** Bounds of what clients may take: a scraper needs one connection, and is done in milliseconds. */
const MOST_CONNECTIONS = 32;
const REQUEST_MS = 5_000;
const IDLE_MS = 65_000;
const MOST_HEADER_BYTES = 8 * 1024;
const PATHS = ['/metrics', '/sipflow/metrics'];

/** A port that serves metrics and nothing else. */
export interface MetricsServer {
  readonly address: string;
  readonly port: number;
  /** Resolves when the port is free again. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics`. The port keeps no process alive.
 *
 * @throws SipflowError TRANSPORT (as a rejection) when it cannot be opened
 */
export async function serveMetrics(
  { host, port }: { host: string; port: number },
  page: (accept: string | undefined) => MetricsPage,
): Promise<MetricsServer> {
  const server = createServer({ maxHeaderSize: MOST_HEADER_BYTES }, (request, response) =>
    answer(request, response, page),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.headersTimeout = REQUEST_MS;
  server.requestTimeout = REQUEST_MS;
  server.keepAliveTimeout = IDLE_MS;
  server.unref();
  server.on('connection', (socket) => socket.unref());
  await listen(server, host, port);
  const bound = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    address: bound.address,
    port: bound.port,
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  page: (accept: string | undefined) => MetricsPage,
): void {
  const { method = '', url = '' } = request;
  request.resume();
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', 'no-store');
  if (!PATHS.includes(url.split('?', 1)[0])) return refuse(response, 404, 'Look at /metrics.\n');
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'Metrics can only be read.\n');
  }
  const { contentType, body } = page(request.headers.accept);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Vary', 'Accept');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(method === 'HEAD' ? undefined : body);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(text);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new SipflowError(
          'TRANSPORT',
          `Metrics cannot be served at ${host}:${port} (${cause.message}). Choose another port.`,
          { cause },
        ),
      ),
    );
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      // Such as too many open files: the port goes on.
      server.on('error', () => undefined);
      resolve();
    });
  });
}
