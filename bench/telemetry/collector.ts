// A collector of HEP in a process of its own, so that its time is not ours: takes everything, by UDP and TCP.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const datagrams = createSocket('udp4', () => undefined);
datagrams.bind(0, '127.0.0.1', () => {
  const { port } = datagrams.address();
  createServer((socket) => socket.on('error', () => undefined).resume()).listen(port, '127.0.0.1', () =>
    process.send?.(port),
  );
});
process.on('disconnect', () => process.exit());
