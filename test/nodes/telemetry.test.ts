import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import { METRICS_PATH, serveMetrics, telemetry } from '../../nodes/shared/telemetry';
import { readHep, type HepRecord } from '../support/hep';
import { Bench, phone } from './support/bench';

type Handler = (request: object, response: object) => void;

/** What the admin API was asked to serve, and to whom. */
function adminApi(): { RED: NodeAPI; routes: { path: string; guard: unknown; handler: Handler }[] } {
  const routes: { path: string; guard: unknown; handler: Handler }[] = [];
  const RED = {
    httpAdmin: {
      get: (path: string, guard: unknown, handler: Handler) => routes.push({ path, guard, handler }),
    },
    auth: { needsPermission: (permission: string) => ({ permission }) },
    log: { info: () => undefined, error: () => undefined },
  };
  return { RED: RED as unknown as NodeAPI, routes };
}

describe('the metrics of a Node-RED', () => {
  it('are for who may read SIPFLOW, and served once however often the nodes are loaded', () => {
    const { RED, routes } = adminApi();
    serveMetrics(RED);
    serveMetrics(RED);
    assert.equal(routes.length, 1);
    const [{ path, guard, handler }] = routes;
    assert.deepEqual([path, guard], [METRICS_PATH, { permission: 'sipflow.read' }]);
    const said: Record<string, string> = {};
    let body = '';
    handler(
      { get: (name: string) => (name === 'accept' ? 'text/plain' : undefined) },
      {
        set: (fields: Record<string, string> | string, value?: string) =>
          Object.assign(said, typeof fields === 'string' ? { [fields]: value } : fields),
        end: (text: string) => (body = text),
      },
    );
    assert.match(said['Content-Type'], /^text\/plain; version=0\.0\.4/);
    assert.equal(said['Cache-Control'], 'no-store');
    assert.match(body, /^sipflow_calls_running\{direction="in"\} \d+$/m);
  });
});

describe('the HEP collector of a phone', () => {
  let bench: Bench;
  let collector: Socket;
  const packets: HepRecord[] = [];
  beforeEach(async () => {
    bench = new Bench();
    packets.length = 0;
    collector = createSocket('udp4', (bytes) => packets.push(...readHep(bytes).packets));
    collector.bind(0, '127.0.0.1');
    await once(collector, 'listening');
  });
  afterEach(async () => {
    await bench.close();
    await new Promise<void>((resolve) => collector.close(() => resolve()));
  });

  it('gets its calls, which the metrics count too', async () => {
    const before = answered();
    await bench.load(
      phone('1001', { hep: `127.0.0.1:${collector.address().port}` }),
      phone('1002'),
      { id: 'make', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [['up'], [], []] },
      { id: 'in', type: 'sip-incoming-call', instance: 'phone1002', wires: [['answer']] },
      { id: 'answer', type: 'sip-answer', wires: [[], []] },
      { id: 'up', type: 'sip-hangup', wires: [['over']] },
    );
    helper.getNode('make').receive({});
    const { call } = await bench.next('over');
    while (!packets.some(({ payload }) => payload.startsWith('BYE'))) await once(collector, 'message');
    assert.ok(packets.some(({ payload }) => payload.startsWith('INVITE')));
    for (const { correlation } of packets) assert.equal(correlation, (call as { callId: string }).callId);
    assert.equal(answered() - before, 1);
  });

  it('is a setting that is refused with a sentence', async () => {
    await bench.load(phone('1001', { hep: 'http://homer' }), {
      id: 'events',
      type: 'sip-call-events',
      instance: 'phone1001',
      wires: [[]],
    });
    const node = helper.getNode('phone1001') as unknown as { started: Promise<void> };
    await assert.rejects(node.started, {
      code: 'BAD_CONFIG',
      message: /"http:\/\/homer" names no HEP collector/,
    });
  });
});

function answered(): number {
  const sample = /^sipflow_calls_total\{direction="out",outcome="answered"\} (\d+)$/m;
  return Number(sample.exec(telemetry.metrics().body)?.[1]);
}
