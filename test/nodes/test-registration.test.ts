import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import { testRegistration, type TestResult } from '../../nodes/sip-instance/test-registration';
import { Pbx } from '../support/pbx';
import { Bench, phone } from './support/bench';

/** What is sent to a registrar that says nothing, or always the same. */
class Registrar {
  readonly socket = createSocket('udp4');
  readonly requests: string[] = [];

  static async open(answer?: string): Promise<Registrar> {
    const registrar = new Registrar();
    registrar.socket.on('message', (bytes, { port, address }) => {
      const text = bytes.toString();
      registrar.requests.push(text);
      const kept = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
      const response = [`SIP/2.0 ${answer}`, ...kept, 'Content-Length: 0', '', ''].join('\r\n');
      if (answer) registrar.socket.send(response, port, address);
    });
    registrar.socket.bind(0, '127.0.0.1');
    await once(registrar.socket, 'listening');
    return registrar;
  }

  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}

describe('the test of a registration from the form of a phone', () => {
  let bench: Bench;
  let pbx: Pbx;
  let silent: Registrar;
  beforeEach(async () => {
    bench = new Bench();
    [pbx, silent] = [await Pbx.open({ '11001': 'secret' }), await Registrar.open()];
  });
  afterEach(async () => {
    await bench.close();
    await Promise.all([pbx.close(), silent.close()]);
  });

  const fieldsOf = (registrar: string, more: object = {}): Record<string, unknown> => ({
    ...{ dn: '11001', mode: 'network', bindAddress: '127.0.0.1', port: '0', registrar, register: true },
    ...more,
  });
  const runtime = {
    util: { evaluateNodeProperty: (name: string) => process.env[name] },
    nodes: { getNode: (id: string) => helper.getNode(id) },
    settings: { userDir: '/tmp' },
  } as unknown as NodeAPI;
  const ask = (fields: Record<string, unknown>, password?: string, id = 'phone11001'): Promise<TestResult> =>
    testRegistration(runtime, { id, fields, ...(password === undefined ? {} : { password }) });
  const deployed = async (fields: Record<string, unknown>): Promise<void> => {
    await bench.loadWith({ phone11001: { password: 'secret' } }, phone('11001', fields));
    await (helper.getNode('phone11001') as unknown as { started: Promise<void> }).started;
  };
  const registers = (): string[] => pbx.requests.filter((line) => line.startsWith('REGISTER'));

  it('registers with what the form says and the typed password, says for how long, and takes that binding away', async () => {
    await bench.load();
    assert.deepEqual(await ask(fieldsOf(pbx.address), 'secret', 'new'), {
      outcome: 'registered',
      seconds: 120,
    });
    assert.equal(pbx.bindings.size, 0);
    assert.ok(registers().length >= 3, 'challenged, registered, taken away');
  });

  it('takes the password of the deployed phone for its own servers, and never tells it', async () => {
    await deployed(fieldsOf(pbx.address, { register: false, domain: '127.0.0.1' }));
    await bench.unload();
    await deployed(fieldsOf(pbx.address));
    while (pbx.bindings.size === 0) await new Promise((resolve) => setImmediate(resolve));
    const result = await ask(fieldsOf(pbx.address, { displayName: 'renamed' }));
    assert.equal(result.outcome, 'registered');
    assert.doesNotMatch(JSON.stringify(result), /secret/);
  });

  const elsewhere: [string, (address: string) => object][] = [
    ['another registrar', (address) => ({ registrar: address })],
    ['another outbound proxy', (address) => ({ outboundProxy: address })],
    ['another domain', () => ({ domain: 'example.org' })],
    ['another transport', () => ({ transport: 'tcp' })],
  ];
  for (const [what, change] of elsewhere) {
    it(`asks for the password to be typed before it goes to ${what}`, async () => {
      await deployed(fieldsOf(pbx.address));
      while (pbx.bindings.size === 0) await new Promise((resolve) => setImmediate(resolve));
      const before = registers().length;
      assert.deepEqual(await ask({ ...fieldsOf(pbx.address), ...change(silent.address) }), {
        outcome: 'typePassword',
      });
      assert.deepEqual(silent.requests, []);
      assert.equal(registers().length, before);
    });
  }

  it('says that the registrar refuses, does not accept the password, or does not exist', async () => {
    await bench.load();
    assert.deepEqual(await ask(fieldsOf(pbx.address), 'wrong'), { outcome: 'credentials' });
    assert.deepEqual(await ask(fieldsOf(pbx.address, { dn: '11009' }), 'secret'), {
      ...{ outcome: 'refused', status: 403, reason: 'Forbidden' },
    });
    assert.deepEqual(await ask(fieldsOf('registrar.invalid'), 'secret'), { outcome: 'unknownHost' });
  });

  it('gives up when nobody answers, and tests no phone twice at the same time', async () => {
    await bench.load();
    const first = ask(fieldsOf(silent.address), 'secret');
    assert.deepEqual(await ask(fieldsOf(pbx.address), 'secret'), { outcome: 'busy' });
    assert.equal((await ask(fieldsOf(pbx.address), 'secret', 'another')).outcome, 'registered');
    assert.deepEqual(await first, { outcome: 'timeout', seconds: 10 });
    assert.ok(silent.requests.length > 1);
    assert.equal((await ask(fieldsOf(pbx.address), 'secret')).outcome, 'registered');
  });

  it('says what is wrong with a field, and resolves a variable', async () => {
    await bench.load();
    const fault = (fields: object) => ask(fieldsOf(pbx.address, fields), 'secret');
    assert.match(
      JSON.stringify(await fault({ registrar: '' })),
      /BAD_CONFIG.*"registrar|BAD_CONFIG.*registrar/,
    );
    assert.match(JSON.stringify(await fault({ registrar: '${SIPFLOW_TEST_UNSET}' })), /SIPFLOW_TEST_UNSET/);
    process.env.SIPFLOW_TEST_REGISTRAR = pbx.address;
    try {
      assert.equal((await ask(fieldsOf('${SIPFLOW_TEST_REGISTRAR}'), 'secret')).outcome, 'registered');
    } finally {
      delete process.env.SIPFLOW_TEST_REGISTRAR;
    }
  });

  it('treats a variable as the password like a stored one', async () => {
    process.env.SIPFLOW_TEST_PASSWORD = 'secret';
    try {
      await deployed(fieldsOf(pbx.address));
      while (pbx.bindings.size === 0) await new Promise((resolve) => setImmediate(resolve));
      const variable = '${SIPFLOW_TEST_PASSWORD}';
      assert.equal((await ask(fieldsOf(pbx.address), variable)).outcome, 'registered');
      assert.equal((await ask(fieldsOf(silent.address), variable)).outcome, 'typePassword');
      assert.deepEqual(silent.requests, []);
      const unset = await ask(fieldsOf(pbx.address), '${SIPFLOW_TEST_UNSET}');
      assert.match(JSON.stringify(unset), /"fault".*SIPFLOW_TEST_UNSET/);
    } finally {
      delete process.env.SIPFLOW_TEST_PASSWORD;
    }
  });
});
