import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type * as Koffi from 'koffi';
import { Descriptors } from '../../../lib/media/descriptors';
import { WorkerMediaEngine } from '../../../lib/media/engine';
import { DgramDriver, type DatagramDriver, type DatagramSocket } from '../../../lib/media/worker/datagrams';
import { loadLibc, type Libc } from '../../../lib/media/worker/datagrams/native/libc';
import { NativeDriver } from '../../../lib/media/worker/datagrams/native/native-driver';
import { smallRange, towards } from '../../wire/media/support/sessions';
import { nativeWorksHere } from '../../support/native-driver';

const SIZES = [0, 1, 172, 2047, 2048, 2049, 65_507];

interface Arrival {
  bytes: Buffer;
  address: string;
  port: number;
}

/** Keeps what a socket receives; `next` gives them in order, waiting for those that are not there yet. */
function inbox(socket: DatagramSocket): { next(): Promise<Arrival>; arrived: Arrival[] } {
  const arrived: Arrival[] = [];
  let taken = 0;
  let wake: () => void = () => undefined;
  socket.receive((packet, address, port) => {
    arrived.push({ bytes: Buffer.from(packet), address, port });
    wake();
  });
  const next = async (): Promise<Arrival> => {
    while (arrived.length <= taken) await new Promise<void>((resolve) => (wake = resolve));
    return arrived[taken++];
  };
  return { next, arrived };
}

interface Bound {
  socket: DatagramSocket;
  port: number;
}

/** A socket on a free port of a range that only tests use. */
async function bindFree(driver: DatagramDriver, address = '127.0.0.1'): Promise<Bound> {
  for (;;) {
    const { portMin: port } = smallRange(1);
    try {
      return { socket: await driver.bind(address, port), port };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

function libc(changes: Partial<Libc> = {}): Libc {
  return { ...loadLibc(createRequire(__filename)('koffi') as typeof Koffi), ...changes };
}

/** A driver of its own; some calls may be other ones. */
function nativeDriver(changes: Partial<Libc> = {}): NativeDriver {
  return new NativeDriver(libc(changes), new Descriptors(Descriptors.memory()));
}

const drivers: [name: string, make: () => DatagramDriver][] = [['dgram', () => new DgramDriver()]];
if (nativeWorksHere) drivers.push(['native', () => nativeDriver()]);

for (const [name, make] of drivers) {
  describe(`datagrams by the driver ${name}`, () => {
    let driver: DatagramDriver;
    let open: DatagramSocket[];

    beforeEach(() => {
      driver = make();
      open = [];
    });

    afterEach(async () => {
      await Promise.all(open.map((socket) => socket.close()));
      driver.stop();
    });

    async function bind(address = '127.0.0.1'): Promise<Bound> {
      const bound = await bindFree(driver, address);
      open.push(bound.socket);
      return bound;
    }

    for (const address of ['127.0.0.1', '::1']) {
      it(`carries every length from nothing to the longest, and says where from: ${address}`, async () => {
        const a = await bind(address);
        const b = await bind(address);
        const received = inbox(b.socket);
        for (const size of SIZES) {
          const packet = new Uint8Array(size).map((_, index) => index * 7);
          a.socket.send(packet, size, b.port, address);
          const { bytes, ...from } = await received.next();
          assert.equal(bytes.length, size);
          assert.ok(bytes.equals(packet));
          assert.deepEqual(from, { address, port: a.port });
        }
      });
    }

    it('an IPv6 wildcard hears IPv4 and answers it', async () => {
      const a = await bind('::');
      const b = await bind();
      const [atA, atB] = [inbox(a.socket), inbox(b.socket)];
      b.socket.send(Buffer.from('ask'), 3, a.port, '127.0.0.1');
      const { address, port } = await atA.next();
      assert.deepEqual([address, port], ['::ffff:127.0.0.1', b.port]);
      a.socket.send(Buffer.from('answer'), 6, port, address);
      assert.equal((await atB.next()).bytes.toString(), 'answer');
    });

    it('sends what a buffer holds at that moment, only so much of it, to wherever it says', async () => {
      const a = await bind();
      const [b, c] = [await bind(), await bind()];
      const [atB, atC] = [inbox(b.socket), inbox(c.socket)];
      const packet = new Uint8Array(100);
      for (let number = 1; number <= 6; number++) {
        packet.fill(number);
        a.socket.send(packet, 10 * number, number % 2 ? b.port : c.port, '127.0.0.1');
      }
      // Another buffer in between, and a part of one.
      a.socket.send(packet.subarray(90), 5, b.port, '127.0.0.1');
      for (const [box, number] of [1, 2, 3, 4, 5, 6].map((each) => [each % 2 ? atB : atC, each] as const)) {
        assert.deepEqual([...(await box.next()).bytes], new Array(10 * number).fill(number));
      }
      assert.deepEqual([...(await atB.next()).bytes], [6, 6, 6, 6, 6]);
    });

    it('tells sources apart that take turns', async () => {
      const [a, b, c] = [await bind(), await bind(), await bind()];
      const received = inbox(c.socket);
      for (const { socket, port } of [a, b, b, a]) {
        socket.send(Buffer.of(1), 1, c.port, '127.0.0.1');
        assert.equal((await received.next()).port, port);
      }
    });

    it('a port that is taken and an address of no interface are the errors that node:dgram has', async () => {
      const { port } = await bind();
      for (const address of ['127.0.0.1', '192.0.2.1']) {
        const expected = createSocket('udp4').bind(port, address);
        const [{ code, errno, syscall, message }] = (await once(expected, 'error')) as [
          NodeJS.ErrnoException,
        ];
        expected.close();
        await assert.rejects(driver.bind(address, port), { code, errno, syscall, message, address, port });
      }
    });

    it('goes on when nobody listens, and when there is no way or no such address', async () => {
      const a = await bind();
      const b = await bind();
      const received = inbox(b.socket);
      const nobody = (await bind()).port;
      await open.pop()?.close();
      for (let number = 0; number < 20; number++) {
        for (const address of ['127.0.0.1', '255.255.255.255', '::1', 'nowhere', '']) {
          a.socket.send(Buffer.of(number), 1, nobody, address);
        }
        a.socket.send(Buffer.of(number), 1, b.port, '127.0.0.1');
        assert.deepEqual([...(await received.next()).bytes], [number]);
      }
      a.socket.send(new Uint8Array(70_000), 70_000, b.port, '127.0.0.1');
      a.socket.send(Buffer.of(77), 1, b.port, '127.0.0.1');
      assert.deepEqual([...(await received.next()).bytes], [77]);
    });

    it('frees the port when it closes, and hands nothing over afterwards', async () => {
      const a = await bind();
      const b = await bind();
      const received = inbox(b.socket);
      a.socket.send(Buffer.of(1), 1, b.port, '127.0.0.1');
      await received.next();
      a.socket.send(Buffer.of(2), 1, b.port, '127.0.0.1');
      open.splice(open.indexOf(b.socket), 1);
      await b.socket.close();
      const again = await driver.bind('127.0.0.1', b.port);
      open.push(again);
      const later = inbox(again);
      a.socket.send(Buffer.of(3), 1, b.port, '127.0.0.1');
      assert.deepEqual([...(await later.next()).bytes], [3]);
      assert.equal(received.arrived.length, 1);
    });
  });
}

(nativeWorksHere ? describe : describe.skip)('the native driver for datagrams', () => {
  it('takes no more than a part of a flood in one turn, and none of it is lost', async () => {
    const driver = nativeDriver();
    const { socket, port } = await bindFree(driver);
    driver.turn();
    const received = inbox(socket);
    for (let number = 0; number < 100; number++) socket.send(Buffer.of(number), 1, port, '127.0.0.1');
    const before = received.arrived.length;
    driver.turn();
    assert.ok(received.arrived.length - before < 100);
    for (let turns = 0; turns < 10; turns++) driver.turn();
    assert.deepEqual(
      received.arrived.map(({ bytes }) => bytes[0]),
      Array.from({ length: 100 }, (_, number) => number),
    );
    // Asleep, it takes the rest as soon as the event loop has had its turn.
    driver.sleep();
    for (let number = 100; number < 200; number++) socket.send(Buffer.of(number), 1, port, '127.0.0.1');
    for (let number = 0; number < 200; number++) assert.equal((await received.next()).bytes[0], number);
    await socket.close();
    driver.stop();
  });

  it('hands over what has arrived before it binds another socket', async () => {
    const driver = nativeDriver();
    const a = await bindFree(driver);
    const received = inbox(a.socket);
    a.socket.send(Buffer.of(1), 1, a.port, '127.0.0.1');
    const b = await bindFree(driver);
    assert.equal(received.arrived.length, 1);
    await Promise.all([a.socket.close(), b.socket.close()]);
    driver.stop();
  });

  it('a handler may close the sockets whose datagrams come next', async () => {
    const driver = nativeDriver();
    const bound = await Promise.all([1, 2, 3].map(() => bindFree(driver)));
    let heard = 0;
    for (const { socket } of bound) {
      socket.receive(() => {
        heard++;
        for (const each of bound) void each.socket.close();
        bound.length = 0;
      });
    }
    const sender = (await bindFree(driver)).socket;
    for (const { port } of bound) sender.send(Buffer.of(1), 1, port, '127.0.0.1');
    driver.turn();
    driver.turn();
    assert.equal(heard, 1);
    await sender.close();
    // Nothing to send from: the packet is lost.
    sender.send(Buffer.of(1), 1, 4000, '127.0.0.1');
    driver.stop();
  });

  it('has no timer without sockets or while the wheel turns', async () => {
    // The time-out of the test itself is counted on both sides.
    await turn();
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const driver = nativeDriver();
    driver.sleep();
    assert.equal(timers(), before, 'no sockets');
    const { socket } = await bindFree(driver);
    assert.equal(timers(), before + 1, 'asleep');
    driver.turn();
    assert.equal(timers(), before, 'awake');
    driver.sleep();
    await socket.close();
    assert.equal(timers(), before, 'closed');
    driver.stop();
  });

  it('when descriptors or memory run out, binding fails as that of node:dgram, and sending loses packets', async () => {
    const EMFILE = 24;
    for (const call of ['socket', 'epollCreate'] as const) {
      const driver = nativeDriver({ [call]: () => -1, errno: () => EMFILE });
      await assert.rejects(driver.bind('127.0.0.1', 4000), {
        code: 'EMFILE',
        syscall: 'bind',
        message: 'bind EMFILE 127.0.0.1:4000',
      });
      driver.stop();
    }
    const ENOBUFS = 105;
    const driver = nativeDriver({ sendmsg: () => -1, recvmsg: () => -1, errno: () => ENOBUFS });
    const { socket, port } = await bindFree(driver);
    socket.send(Buffer.of(1), 1, port, '127.0.0.1');
    const sender = createSocket('udp4');
    await new Promise<void>((resolve) => sender.send('x', port, '127.0.0.1', () => resolve()));
    driver.turn();
    sender.close();
    await socket.close();
    driver.stop();
  });

  it('what the system has no room for waits for a packet time, in its order, and is counted when it is given up', async () => {
    const [EAGAIN, ENOBUFS, ENETUNREACH] = [11, 105, 101];
    const real = libc();
    let refusal = 0;
    let lost = 0;
    const driver = new NativeDriver(
      libc({
        sendmsg: (...call) => (refusal === 0 ? real.sendmsg(...call) : -1),
        errno: () => refusal || real.errno(),
      }),
      new Descriptors(Descriptors.memory()),
      () => lost++,
    );
    const [a, b] = [await bindFree(driver), await bindFree(driver)];
    const received = inbox(b.socket);
    const packet = new Uint8Array(1);
    const send = (number: number): void => {
      packet[0] = number;
      a.socket.send(packet, 1, b.port, '127.0.0.1');
    };
    driver.turn();
    refusal = EAGAIN;
    send(1);
    refusal = ENOBUFS;
    driver.turn();
    refusal = 0;
    // Behind the one that waits, although there is room again.
    send(2);
    driver.turn();
    for (const number of [1, 2]) assert.equal((await received.next()).bytes[0], number);
    assert.equal(lost, 0);
    refusal = ENETUNREACH;
    send(3);
    assert.equal(lost, 1, 'no way is no want of room');
    refusal = EAGAIN;
    for (let number = 0; number < 100; number++) send(4);
    assert.ok(lost > 1, 'only so many wait');
    refusal = 0;
    await delay(30);
    driver.turn();
    assert.equal(lost, 101, 'too late');
    refusal = EAGAIN;
    send(5);
    await a.socket.close();
    assert.equal(lost, 102, 'closed');
    refusal = 0;
    await b.socket.close();
    driver.stop();
    assert.equal(received.arrived.length, 2);
  });

  it('goes on when the interface of its address is gone', async () => {
    const EADDRNOTAVAIL = 99;
    let lost = 0;
    const gone = { sendmsg: () => -1, errno: () => EADDRNOTAVAIL };
    const driver = new NativeDriver(libc(gone), new Descriptors(Descriptors.memory()), () => lost++);
    const { socket, port } = await bindFree(driver);
    socket.send(Buffer.of(1), 1, port, '127.0.0.1');
    driver.turn();
    assert.equal(lost, 1);
    await socket.close();
    driver.stop();
  });

  it('a worker that is killed leaves no port bound, not even until it is gone', async () => {
    const engine = new WorkerMediaEngine({ workers: 1, datagrams: 'native' });
    const bound = [await engine.reserve(smallRange(10)), await engine.reserve(smallRange(10))];
    // In the middle: packets go both ways.
    const sessions = bound.map((port, index) => port.open(towards(bound[1 - index].rtpPort)));
    await Promise.all(
      sessions.map((session) => new Promise<void>((resolve) => session.on('receiving', resolve))),
    );
    const ending = engine.workers[0].end();
    for (const port of bound.flatMap(({ rtpPort }) => [rtpPort, rtpPort + 1])) {
      const socket = createSocket('udp4').bind({ port, address: '127.0.0.1', exclusive: true });
      await once(socket, 'listening');
      socket.close();
      await once(socket, 'close');
    }
    await ending;
    await engine.close();
  });
});
