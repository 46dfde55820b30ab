import { connect, createServer } from 'node:net';
import type { StreamSockets } from './stream-transport';

/** Plain TCP. */
export const TCP_SOCKETS: StreamSockets = {
  name: 'tcp',
  readyEvent: 'connect',
  createServer: (onConnection) => createServer(onConnection),
  connect: ({ address, port }) => connect({ host: address, port }),
};
