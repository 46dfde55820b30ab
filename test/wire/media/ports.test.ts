import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { SipflowError } from '../../../lib/common/errors';
import {
  createMediaEngine,
  PortPool,
  createNullMediaEngine,
  type MediaParameters,
  type MediaPort,
} from '../../../lib/media';
import { RANGE, smallRange, towards } from './support/sessions';

async function assertBound(port: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'EADDRINUSE');
  socket.close();
}

describe('media: ports', () => {
  it('pitfall 10: pairs are even and odd, really bound, and shared by engines that have one pool', async () => {
    const range = smallRange(10);
    const pool = new PortPool();
    const engines = [1, 2].map((workers) => createMediaEngine({ workers, ports: pool }));
    const ports = await Promise.all(
      Array.from({ length: 10 }, (_, index) => engines[index % 2].reserve(range)),
    );
    assert.equal(new Set(ports.map((port) => port.rtpPort)).size, 10);
    for (const port of ports) {
      assert.equal(port.rtpPort % 2, 0);
      assert.equal(port.rtcpPort, port.rtpPort + 1);
      await assertBound(port.rtpPort);
      await assertBound(port.rtcpPort);
    }
    for (const engine of engines) {
      await assert.rejects(engine.reserve(range), (error: SipflowError) => {
        assert.equal(error.code, 'RTP_PORTS_EXHAUSTED');
        assert.ok(error.message.includes(`${range.portMin}–${range.portMax}`));
        assert.match(error.message, /10 by calls/);
        return true;
      });
    }
    await ports[3].release();
    const again = await engines[0].reserve(range);
    assert.equal(again.rtpPort, ports[3].rtpPort);
    await Promise.all(engines.map((engine) => engine.close()));
    const fresh = createMediaEngine({ workers: 1, ports: pool });
    await fresh.reserve(range);
    await fresh.close();
  });

  it('pitfall 10: a port that another program holds is skipped, also when only the odd one is taken', async () => {
    const range = smallRange(3);
    const sockets = [range.portMin, range.portMin + 3].map((port) => {
      const socket = createSocket('udp4');
      socket.bind(port, '127.0.0.1');
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, 'listening')));
    const engine = createMediaEngine({ workers: 1 });
    const port = await engine.reserve(range);
    assert.equal(port.rtpPort, range.portMin + 4);
    await assert.rejects(engine.reserve(range), /1 by calls of this process and 2 by other programs/);
    await engine.close();
    for (const socket of sockets) socket.close();
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
  });

  it('an address that is not of this machine is a fault that says so, and costs no port', async () => {
    const engine = createMediaEngine({ workers: 1 });
    const range = smallRange(1);
    await assert.rejects(
      engine.reserve({ ...range, address: '192.0.2.1' }),
      (error: SipflowError) => error.code === 'TRANSPORT' && /192\.0\.2\.1/.test(error.message),
    );
    const port = await engine.reserve({ ...range, address: '127.0.0.1' });
    await port.release();
    await port.release();
    await engine.close();
  });

  it('binds IPv6 as well', async () => {
    const engine = createMediaEngine({ workers: 1 });
    const ports = await Promise.all([1, 2].map(() => engine.reserve({ ...RANGE, address: '::1' })));
    const sessions = ports.map((port, index) => {
      const peer = ports[1 - index];
      return port.open(
        towards(peer.rtpPort, {
          remote: { address: '::1', rtpPort: peer.rtpPort, rtcpPort: peer.rtcpPort },
        }),
      );
    });
    await new Promise<void>((resolve) => sessions[1].on('receiving', resolve));
    await engine.close();
  });

  it('an IPv6 wildcard talks to IPv4 peers, and knows them again however the SDP spells them', async () => {
    const engine = createMediaEngine({ workers: 1 });
    const [wild, plain, six] = await Promise.all(
      ['::', '127.0.0.1', '::1'].map((address) => engine.reserve({ ...RANGE, address })),
    );
    const remote = (address: string, { rtpPort, rtcpPort }: MediaPort): MediaParameters =>
      towards(rtpPort, { remote: { address, rtpPort, rtcpPort } });
    const session = wild.open(remote('127.0.0.1', plain));
    const peer = plain.open(remote('127.0.0.1', wild));
    await Promise.all(
      [session, peer].map((party) => new Promise<void>((resolve) => party.on('receiving', resolve))),
    );
    assert.equal((await session.statistics()).received.discarded, 0);
    session.update(remote('0:0:0:0:0:0:0:0001', six));
    const other = six.open(remote('::1', wild));
    await new Promise<void>((resolve) => other.on('receiving', resolve));
    await engine.close();
  });

  it('a port is opened once; a released one not at all; release leaves a session alone', async () => {
    const engine = createMediaEngine({ workers: 1 });
    const [used, released] = await Promise.all([engine.reserve(RANGE), engine.reserve(RANGE)]);
    const session = used.open(towards(9));
    assert.throws(() => used.open(towards(9)), { code: 'CALL_STATE' });
    await used.release();
    await assertBound(used.rtpPort);
    await released.release();
    assert.throws(() => released.open(towards(9)), { code: 'CALL_STATE' });
    const figures = await session.close();
    assert.strictEqual(await session.close(), figures);
    await engine.close();
    await assert.rejects(engine.reserve(RANGE), { code: 'CALL_STATE' });
  });

  it('workers start with the first reserved port and close within a second', async () => {
    const engine = createMediaEngine({ workers: 2 });
    const workers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;
    const before = workers();
    const ports: MediaPort[] = [];
    for (let count = 0; count < 10; count++) ports.push(await engine.reserve(RANGE));
    assert.ok(workers() > before);
    for (const port of ports.slice(5)) port.open(towards(9));
    const started = performance.now();
    await engine.close();
    const took = performance.now() - started;
    assert.ok(took < 1000, `${took} ms`);
    assert.equal(workers(), before);
  });

  it('the null engine hands out the same ports without a socket', async () => {
    const engine = createNullMediaEngine();
    const range = smallRange(1);
    const port = await engine.reserve(range);
    assert.deepEqual([port.rtpPort, port.rtcpPort], [range.portMin, range.portMax]);
    await assert.rejects(engine.reserve(range), { code: 'RTP_PORTS_EXHAUSTED' });
    const session = port.open(towards(9));
    const playback = session.play({ source: 'silence' });
    await playback.started;
    playback.stop('dtmf');
    assert.equal((await playback.finished).reason, 'dtmf');
    await assert.rejects(session.record({ file: '/x', channels: 'mixed' }).started, { code: 'CALL_STATE' });
    await session.close();
    await (await engine.reserve(range)).release();
    await engine.close();
  });
});
