import assert from 'node:assert/strict';
import type { RegistrationReport, SipEndpoint } from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { Bench } from './support/endpoints';
import { response, type RawMessage } from './support/raw-peer';
import { RawServer, type RawConnection } from './support/stream-peer';

describe('a connection to a registrar that has died without a word', () => {
  let bench: Bench;
  let clock: ManualClock;
  let server: RawServer;
  beforeEach(async () => {
    bench = new Bench();
    clock = new ManualClock();
    server = await RawServer.open('tcp');
  });
  afterEach(async () => {
    const closed = bench.close(0);
    clock.advance(0);
    await closed;
    await server.close();
  });

  /** Answers the next REGISTER over that connection. */
  async function accept(connection: RawConnection, ...headers: string[]): Promise<RawMessage> {
    const register = await connection.next('REGISTER');
    const contact = `Contact: ${register.header('Contact')}`;
    connection.send(response(register, '200 OK', { tag: 'r', headers: [contact, ...headers] }));
    return register;
  }

  /** A phone whose first REGISTER is answered. */
  async function registered(
    ...headers: string[]
  ): Promise<{ alice: SipEndpoint; connection: RawConnection }> {
    const options = {
      transport: 'tcp' as const,
      registrar: `127.0.0.1:${server.port}`,
      registerExpires: 600,
    };
    const states: RegistrationReport[] = [];
    let told = (): void => undefined;
    const done = new Promise<void>((resolve) => (told = resolve));
    const alice = await bench.endpoint('alice', options, {
      clock,
      onCreated: (endpoint) =>
        endpoint.on('registration', (report) => {
          states.push(report);
          if (report.state === 'registered') told();
        }),
    });
    const connection = await server.connection();
    await accept(connection, ...headers);
    await done;
    return { alice, connection };
  }

  /** The next ping; it comes after 28 s at the latest. */
  async function ping(connection: RawConnection): Promise<void> {
    clock.advance(28_000);
    while (!connection.received.some(({ text }) => text === '\r\n\r\n')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    connection.received.length = 0;
    // The phone notes a ping when it has left.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Answers a ping, and waits until the answer is in: what is sent after it is answered. */
  async function pong(connection: RawConnection, phone: SipEndpoint): Promise<void> {
    connection.send('\r\n');
    connection.send(
      `OPTIONS sip:alice@127.0.0.1:${phone.localAddress.port} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK${Math.random()}\r\n` +
        'From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n',
    );
    await connection.next('SIP/2.0 200');
  }

  it('is left 10 s after a ping that a peer does not answer which answered before', async () => {
    const { alice, connection } = await registered();
    await ping(connection);
    await pong(connection, alice);
    clock.advance(10_000);
    await ping(connection);
    clock.advance(9_999);
    assert.equal(server.connections.length, 1);
    clock.advance(1);
    await accept(await server.connection(2));
  });

  it('is left after the first ping without an answer when the peer has named its Flow-Timer', async () => {
    const { connection } = await registered('Flow-Timer: 120');
    await ping(connection);
    clock.advance(10_000);
    await accept(await server.connection(2));
  });

  it('is tried by one REGISTER when the peer has never answered a ping, and kept when that is answered', async () => {
    const { connection } = await registered();
    await ping(connection);
    clock.advance(10_000);
    await accept(connection);
    for (let round = 0; round < 3; round++) {
      await ping(connection);
      clock.advance(10_000);
    }
    assert.equal(server.connections.length, 1);
    assert.deepEqual(connection.received, []);
  });

  it('is left when a REGISTER times out, and the REGISTER goes over another at once', async () => {
    const { connection } = await registered();
    await ping(connection);
    clock.advance(10_000);
    await connection.next('REGISTER');
    clock.advance(32_000);
    await accept(await server.connection(2));
    assert.equal(server.connections.length, 2);
  });
});
