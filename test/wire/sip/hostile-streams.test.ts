import assert from 'node:assert/strict';
import { once as eventOf } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { createSelfSigned, type InspectableEndpoint } from '../../../lib/sip/index';
import { Bench, uriOf } from './support/endpoints';
import { request, SDP } from './support/raw-peer';

const OWN = createSelfSigned();

/** Opens a bare connection, on which a test may write whatever it likes. */
const OPENERS: Record<'tcp' | 'tls' | 'ws' | 'wss', (port: number) => Promise<Socket>> = {
  tcp: plain,
  tls: secure,
  ws: async (port) => upgraded(await plain(port), port),
  wss: async (port) => upgraded(await secure(port), port),
};

async function plain(port: number): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await eventOf(socket, 'connect');
  return socket;
}

async function secure(port: number): Promise<Socket> {
  const socket = connectTls({ host: '127.0.0.1', port, ca: OWN.cert });
  socket.on('error', () => undefined);
  await eventOf(socket, 'secureConnect');
  return socket;
}

/** Past the handshake: what follows has to be frames. */
async function upgraded(socket: Socket, port: number): Promise<Socket> {
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n',
  );
  const [answer] = (await eventOf(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 101/);
  return socket;
}

/** `once` of node:events would reject for the error that may come before. */
function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

for (const transport of ['tcp', 'tls', 'ws', 'wss'] as const) {
  describe(`hostile input over ${transport}`, () => {
    const bench = new Bench({ transport, tls: { ...OWN, ca: OWN.cert } });
    const sockets: Socket[] = [];
    let bob: InspectableEndpoint;
    beforeEach(async () => {
      bob = await bench.endpoint('bob');
    });
    afterEach(async () => {
      for (const socket of sockets.splice(0)) {
        if (socket.closed) continue;
        const closed = closing(socket);
        socket.destroy();
        await closed;
      }
      await bench.close(0);
    });

    async function open(): Promise<Socket> {
      const socket = await OPENERS[transport](bob.localAddress.port);
      sockets.push(socket);
      // Without a reader, the far end's closing would never be noticed.
      socket.resume();
      return socket;
    }

    /** A stranger with good manners is served all the same. */
    async function stillServes(): Promise<void> {
      const ping = request('OPTIONS', { port: 9, target: uriOf(bob) });
      const { port } = bob.localAddress;
      if (transport === 'ws' || transport === 'wss') {
        const client = new WebSocket(`${transport}://127.0.0.1:${port}/`, 'sip', { ca: OWN.cert });
        await eventOf(client, 'open');
        client.send(ping);
        const [answer] = (await eventOf(client, 'message')) as [Buffer];
        assert.match(answer.toString(), /^SIP\/2\.0 200/);
        const closed = eventOf(client, 'close');
        client.terminate();
        await closed;
        return;
      }
      const socket = await open();
      socket.write(ping);
      const [answer] = (await eventOf(socket, 'data')) as [Buffer];
      assert.match(answer.toString(), /^SIP\/2\.0 200/);
    }

    it('is cut off in the middle of a message, at every place', async () => {
      const invite = request('INVITE', { port: 9, target: uriOf(bob), body: SDP });
      for (const part of [1, 20, 100, invite.length - SDP.length, invite.length - 1]) {
        const socket = await open();
        socket.write(invite.slice(0, part));
        socket.destroy();
      }
      await stillServes();
      assert.equal(bob.counts.invites, 0);
    });

    it('is binary', async () => {
      const socket = await open();
      const closed = closing(socket);
      const noise = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 256));
      // Ends a header section now and then, so that some of it is taken for messages.
      for (let at = 0; at < noise.length; at += 977) noise.write('\r\n\r\n', at);
      socket.write(noise);
      socket.end();
      await closed;
      await stillServes();
    });

    it('has no end, or says that it is enormous', async () => {
      for (const begin of [
        'OPTIONS sip:x SIP/2.0\r\nX: ',
        'OPTIONS sip:x SIP/2.0\r\nContent-Length: 4000000000\r\n\r\n',
      ]) {
        const socket = await open();
        const closed = closing(socket);
        socket.write(begin);
        const endless = (): void => {
          if (!socket.destroyed) socket.write('y'.repeat(16_384), () => setImmediate(endless));
        };
        endless();
        await closed;
      }
      await stillServes();
    });

    it('holds connections open that say nothing, and others are served', async () => {
      for (let count = 0; count < 50; count++) await open();
      await stillServes();
      // And the endpoint closes without waiting for them.
      await bob.close(0);
    });
  });
}
