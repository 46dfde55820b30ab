import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '../../../lib/common/clock';
import {
  AddressMonitor,
  answerBindingRequest,
  BindingClient,
  kindOfDatagram,
  type BindingClientOptions,
  type BindingResult,
} from '../../../lib/stun';
import { encodeStun, MESSAGE_TYPES } from '../../../lib/stun/message';
import { ManualClock } from '../../support/manual-clock';

function setUp(extra: Partial<BindingClientOptions> = {}) {
  const clock = new ManualClock();
  const sent: { at: number; bytes: Buffer }[] = [];
  const results: BindingResult[] = [];
  const client = new BindingClient({
    clock,
    server: 'stun.example:3478',
    send: (bytes) => sent.push({ at: clock.now() - 1_000, bytes }),
    onResult: (result) => results.push(result),
    ...extra,
  });
  return { clock, sent, results, client };
}

function answer(request: Buffer, address = '203.0.113.5', port = 40_000): Buffer {
  return answerBindingRequest(request, { address, port }) ?? assert.fail('no binding request');
}

function failureOf(results: BindingResult[]): { code: string; message: string } {
  assert.equal(results.length, 1);
  const [result] = results;
  assert.equal(result.kind, 'failed');
  return result.kind === 'failed' ? result.error : assert.fail();
}

describe('STUN client', () => {
  it('reports the mapped address and leaves no timer', () => {
    const { clock, client, sent, results } = setUp();
    client.start();
    client.start();
    assert.equal(sent.length, 1);
    assert.ok(client.receive(answer(sent[0].bytes)));
    assert.deepEqual(results, [
      { kind: 'mapped', mapped: { address: '203.0.113.5', family: 4, port: 40_000 } },
    ]);
    assert.equal(clock.pending, 0);
  });

  it('retransmits the same request at the times of RFC 8489, 6.2.1, and gives up at 39.5 s', () => {
    const { clock, client, sent, results } = setUp();
    client.start();
    clock.advance(39_499);
    assert.deepEqual(
      sent.map(({ at }) => at),
      [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500],
    );
    assert.ok(sent.every(({ bytes }) => bytes.equals(sent[0].bytes)));
    assert.deepEqual(results, []);
    clock.advance(1);
    const { code, message } = failureOf(results);
    assert.equal(code, 'TIMEOUT');
    assert.match(message, /stun.example:3478 did not answer: check/);
    assert.equal(clock.pending, 0);
  });

  it('takes other times on request', () => {
    const { clock, client, sent, results } = setUp({ rtoMs: 100, maxRequests: 2 });
    client.start();
    clock.advance(1_700);
    assert.deepEqual(
      sent.map(({ at }) => at),
      [0, 100],
    );
    failureOf(results);
  });

  it('a second response is swallowed, another transaction is not ours', () => {
    const { client, sent, results } = setUp();
    const stranger = encodeStun({
      type: MESSAGE_TYPES.bindingSuccess,
      transactionId: Buffer.alloc(12),
      attributes: [],
    });
    assert.equal(client.receive(stranger), false);
    client.start();
    const [{ bytes }] = sent;
    assert.equal(client.receive(stranger), false);
    assert.equal(client.receive(Buffer.from('SIP/2.0 200 OK')), false);
    assert.ok(client.receive(answer(bytes)));
    assert.ok(client.receive(answer(bytes, '203.0.113.99')));
    assert.equal(results.length, 1);
  });

  it('every client has its own transaction id', () => {
    const ids = Array.from({ length: 50 }, () => {
      const { client, sent } = setUp();
      client.start();
      client.close();
      return sent[0].bytes.toString('hex', 8, 20);
    });
    assert.equal(new Set(ids).size, 50);
  });

  it('an error response and one without address say what to do', () => {
    for (const [attributes, type, expected] of [
      [
        [{ type: 9, value: Buffer.from([0, 0, 4, 1, ...Buffer.from('Unauthorized')]) }],
        MESSAGE_TYPES.bindingError,
        /refused the request \(401 Unauthorized\)/,
      ],
      [[], MESSAGE_TYPES.bindingSuccess, /answered without an address/],
    ] as const) {
      const { client, sent, results, clock } = setUp();
      client.start();
      const transactionId = sent[0].bytes.subarray(8, 20);
      assert.ok(client.receive(encodeStun({ type, transactionId, attributes: [...attributes] })));
      const { code, message } = failureOf(results);
      assert.equal(code, 'TRANSPORT');
      assert.match(message, expected);
      assert.equal(clock.pending, 0);
    }
  });

  it('a socket that throws ends it', () => {
    const { clock, client, results } = setUp({
      send: () => {
        throw new Error('ENETUNREACH');
      },
    });
    client.start();
    assert.match(failureOf(results).message, /Cannot send to the STUN server/);
    assert.equal(clock.pending, 0);
  });

  it('says nothing after close', () => {
    const { clock, client, sent, results } = setUp();
    client.start();
    client.close();
    client.close();
    client.receive(answer(sent[0].bytes));
    clock.advance(60_000);
    assert.equal(sent.length, 1);
    assert.deepEqual(results, []);
  });

  it('works on a socket that carries SIP too', async () => {
    const server = createSocket('udp4');
    const socket = createSocket('udp4');
    for (const each of [server, socket]) {
      each.on('error', assert.fail);
      each.bind(0, '127.0.0.1');
      await once(each, 'listening');
    }
    server.on('message', (bytes, peer) => {
      server.send('OPTIONS sip:a SIP/2.0\r\n\r\n', peer.port, peer.address);
      const reply = answerBindingRequest(bytes, peer);
      if (reply) server.send(reply, peer.port, peer.address);
    });
    const sip: string[] = [];
    const result = await new Promise<BindingResult>((resolve) => {
      const client = new BindingClient({
        clock: systemClock,
        server: 'local',
        send: (bytes) => socket.send(bytes, server.address().port, '127.0.0.1'),
        onResult: resolve,
      });
      socket.on('message', (bytes) => {
        if (kindOfDatagram(bytes) === 'stun') client.receive(bytes);
        else sip.push(bytes.toString());
      });
      client.start();
    });
    assert.deepEqual(result, {
      kind: 'mapped',
      mapped: { address: '127.0.0.1', family: 4, port: socket.address().port },
    });
    assert.equal(sip.length, 1);
    for (const each of [server, socket]) {
      each.close();
      await once(each, 'close');
    }
  });
});

describe('STUN: watching our public address', () => {
  function monitored() {
    const clock = new ManualClock();
    const sent: Buffer[] = [];
    const seen: string[] = [];
    const monitor = new AddressMonitor({
      clock,
      server: 'stun.example:3478',
      maxRequests: 1,
      random: () => 0.5,
      send: (bytes) => sent.push(bytes),
      onAddress: ({ address, port }) => seen.push(`${address}:${port}`),
      onFailure: ({ error }) => seen.push(error.code),
    });
    return { clock, sent, seen, monitor };
  }

  it('reports the first address and every change, once', () => {
    const { clock, sent, seen, monitor } = monitored();
    monitor.start();
    monitor.start();
    for (const [address, port] of [
      ['203.0.113.5', 1],
      ['203.0.113.5', 1],
      ['203.0.113.5', 2],
      ['203.0.113.6', 2],
    ] as const) {
      assert.ok(monitor.receive(answer(sent.at(-1) ?? assert.fail(), address, port)));
      assert.equal(clock.untilNext, 22_500);
      clock.advance(22_500);
    }
    assert.deepEqual(seen, ['203.0.113.5:1', '203.0.113.5:2', '203.0.113.6:2']);
    assert.equal(monitor.mapped?.address, '203.0.113.6');
    assert.equal(sent.length, 5);
    monitor.close();
    assert.equal(clock.pending, 0);
  });

  it('a failure is told, and it goes on with the address it had', () => {
    const { clock, sent, seen, monitor } = monitored();
    monitor.start();
    monitor.receive(answer(sent[0]));
    clock.advance(22_500 + 8_000);
    assert.deepEqual(seen, ['203.0.113.5:40000', 'TIMEOUT']);
    assert.equal(monitor.mapped?.port, 40_000);
    clock.advance(22_500);
    assert.equal(sent.length, 3);
    monitor.receive(answer(sent[2]));
    assert.equal(seen.length, 2);
    monitor.close();
    monitor.start();
    clock.advance(100_000);
    assert.equal(sent.length, 3);
    assert.equal(clock.pending, 0);
  });
});
