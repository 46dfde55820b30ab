import assert from 'node:assert/strict';
import { request, Agent, type IncomingMessage } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createWorld } from '../../../lib/calls';
import { createTelemetry, type Telemetry } from '../../../lib/telemetry';
import { connect, nextCall, Phones } from '../../support/phones';

interface Answer {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

function ask(
  port: number,
  path = '/metrics',
  options: { method?: string; accept?: string; agent?: Agent } = {},
): Promise<Answer> {
  const { method = 'GET', accept, agent } = options;
  return new Promise((resolve, reject) => {
    const headers = accept === undefined ? {} : { accept };
    const sent = request(
      { host: '127.0.0.1', port, path, method, headers, ...(agent ? { agent } : {}) },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** The page, once it says what is waited for. */
async function pageWith(port: number, enough: (page: string) => boolean): Promise<string> {
  for (const late = Date.now() + 20_000; ; await delay(20)) {
    const { body } = await ask(port);
    if (enough(body)) return body;
    assert.ok(Date.now() < late, body);
  }
}

/** Value of a sample; undefined when there is none. */
function value(body: string, sample: string): number | undefined {
  const line = body.split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

describe('metrics', () => {
  let phones: Phones;
  let telemetry: Telemetry;
  beforeEach(() => {
    phones = new Phones();
    telemetry = createTelemetry(phones.world);
  });
  afterEach(async () => {
    await phones.close();
    await telemetry.close();
  });

  it('count the calls that were made, by what became of them, and measure their audio', async () => {
    const [alice, bob] = [phones.create('1001'), phones.create('1002')];
    telemetry.observe(alice);
    telemetry.observe(bob);
    await Promise.all([alice.start(), bob.start()]);
    const { port } = await telemetry.serve();
    const made = 4;
    for (let count = 0; count < made; count++) {
      const call = await connect(alice, bob);
      if (count === 0) {
        const body = await pageWith(
          port,
          (page) => (value(page, 'sipflow_media_lag_seconds_count') ?? 0) >= 10,
        );
        assert.equal(value(body, 'sipflow_calls_running{direction="out"}'), 1);
        assert.equal(value(body, 'sipflow_calls_running{direction="in"}'), 1);
        assert.equal(value(body, 'sipflow_rtp_ports_in_use'), 2);
        assert.ok((value(body, 'sipflow_media_workers') ?? 0) >= 1);
      }
      await call.out.hangup();
      await call.in.waitFor('ended');
    }
    const incoming = nextCall(bob);
    const busy = await alice.dial('1002');
    await (await incoming).reject({ status: 486 });
    await busy.outcome;
    const ringing = nextCall(bob);
    const given = await alice.dial('1002');
    await (await ringing).waitFor('ringing', { timeout: 5 });
    await given.hangup();
    await (
      await alice.dial('4711')
    ).outcome;
    await pageWith(port, (page) =>
      /calls_running\{direction="in"\} 0\n[^]*calls_running\{direction="out"\} 0\n/.test(page),
    );

    const { body, headers, status } = await ask(port);
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    assert.match(body, /\n# EOF\n$/);
    for (const [sample, expected] of [
      ['sipflow_calls_started_total{direction="out"}', made + 3],
      ['sipflow_calls_started_total{direction="in"}', made + 2],
      ['sipflow_calls_total{direction="out",outcome="answered"}', made],
      ['sipflow_calls_total{direction="in",outcome="answered"}', made],
      ['sipflow_calls_total{direction="out",outcome="busy"}', 1],
      ['sipflow_calls_total{direction="in",outcome="busy"}', 1],
      ['sipflow_calls_total{direction="out",outcome="cancelled"}', 1],
      ['sipflow_calls_total{direction="in",outcome="cancelled"}', 1],
      ['sipflow_calls_total{direction="out",outcome="rejected"}', 1],
      ['sipflow_calls_running{direction="out"}', 0],
      ['sipflow_calls_running{direction="in"}', 0],
      ['sipflow_call_setup_seconds_count{direction="out"}', made],
      ['sipflow_rtp_ports_in_use', 0],
      ['sipflow_phones{state="ready"}', 2],
      ['sipflow_registrations{state="registered"}', 0],
      ['sipflow_hep_packets_total{result="sent"}', 0],
    ] as const) {
      assert.equal(value(body, sample), expected, sample);
    }
    // Of the first call at least audio went both ways.
    assert.ok((value(body, 'sipflow_call_mos_count') ?? 0) >= 2);
    assert.equal(value(body, 'sipflow_call_loss_ratio_sum'), 0);
    assert.doesNotMatch(body, /100[12]|4711|127\.0\.0\.1|@/, 'nothing of a call stands in a label');
  });

  it('have a form for older scrapers, and a port that does nothing else', async () => {
    const { address, port } = await telemetry.serve();
    assert.equal(address, '127.0.0.1');
    const older = await ask(port, '/metrics', { accept: 'text/plain;version=0.0.4;q=0.3,*/*;q=0.1' });
    assert.equal(older.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.match(older.body, /^# TYPE sipflow_calls_total counter$/m);
    assert.doesNotMatch(older.body, /EOF|UNIT/);
    const head = await ask(port, '/sipflow/metrics?x=1', { method: 'HEAD' });
    assert.deepEqual([head.status, head.body, head.headers.vary], [200, '', 'Accept']);
    assert.ok(Number(head.headers['content-length']) > 1000);
    const denied = await ask(port, '/metrics', { method: 'POST' });
    assert.deepEqual([denied.status, denied.headers.allow], [405, 'GET, HEAD']);
    for (const path of ['/', '/metrics/', '//metrics', '/../etc/passwd', '/sipflow']) {
      assert.equal((await ask(port, path)).status, 404, path);
    }
  });

  it('are as good after a client that hammers, stays silent, or talks nonsense', async () => {
    const { port } = await telemetry.serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const all = await Promise.all(Array.from({ length: 400 }, () => ask(port, '/metrics', { agent })));
    assert.ok(all.every(({ status, body }) => status === 200 && body === all[0].body));
    agent.destroy();
    const silent = Array.from({ length: 30 }, () => connectTcp(port, '127.0.0.1'));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const rude = connectTcp(port, '127.0.0.1');
    rude.on('error', () => undefined);
    rude.write(`INVITE sip:x SIP/2.0\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`);
    rude.resume();
    await once(rude, 'close');
    assert.equal((await ask(port)).status, 200);
    for (const socket of silent) socket.destroy();
  });

  it('say which port cannot be opened, and leave it when they end', async () => {
    const first = await telemetry.serve();
    await assert.rejects(telemetry.serve({ port: first.port }), {
      code: 'TRANSPORT',
      message: new RegExp(`127\\.0\\.0\\.1:${first.port}`),
    });
    for (const port of [-1, 65_536, 1.5, NaN]) {
      await assert.rejects(telemetry.serve({ port }), { code: 'BAD_CONFIG', field: 'port' });
    }
    await telemetry.close();
    await telemetry.close();
    const again = createTelemetry(phones.world);
    const second = await again.serve({ port: first.port, host: '127.0.0.1' });
    assert.equal(second.port, first.port);
    await second.close();
    await again.close();
  });

  it('count registrations by their state', async () => {
    phones = new Phones({}, createWorld({ timers: { t1: 10 } }));
    telemetry = createTelemetry(phones.world);
    const phone = phones.create('1001', {
      mode: 'network',
      registrar: '127.0.0.1:9',
      password: 'x',
      registerExpires: 60,
    });
    telemetry.observe(phone);
    const failed = new Promise<void>((resolve) =>
      phone.on('registration', ({ state }) => {
        if (state === 'failed') resolve();
      }),
    );
    const { body: before } = telemetry.metrics();
    assert.equal(value(before, 'sipflow_registrations{state="unregistered"}'), 1);
    await phone.start();
    await failed;
    const { body } = telemetry.metrics();
    assert.equal(value(body, 'sipflow_registrations{state="failed"}'), 1);
    assert.equal(value(body, 'sipflow_registration_failures_total'), 1);
    await phone.close();
    assert.equal(value(telemetry.metrics().body, 'sipflow_registrations{state="failed"}'), 0);
  });
});
