import assert from 'node:assert/strict';
import { Pbx } from '../support/pbx';
import { Bench, callOf, catchAll, errorOf, phone, type FlowNode } from './support/bench';

const account = (dn: string, registrar: string, fields: object = {}): FlowNode =>
  phone(dn, {
    mode: 'network',
    bindAddress: '127.0.0.1',
    port: '0',
    registrar,
    registerExpires: '120',
    ...fields,
  });
const news: FlowNode = {
  id: 'news',
  type: 'sip-call-events',
  instance: 'phone11001',
  events: ['registration'],
  wires: [['heard']],
};
const statuses: FlowNode = { id: 'statuses', type: 'status', scope: null, wires: [['shown']] };
const dial: FlowNode = {
  id: 'dial',
  type: 'sip-make-call',
  instance: 'phone11001',
  target: '11002',
  wires: [['answered'], [], ['failed']],
};

describe('a SIP phone that registers', () => {
  let bench: Bench;
  let pbx: Pbx;
  beforeEach(async () => {
    bench = new Bench();
    pbx = await Pbx.open({ '11001': 'secret', '11002': 'secret' });
  });
  afterEach(async () => {
    await bench.close();
    await pbx.close();
  });

  const heard = async (state: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const { registration } = (await bench.next('heard')).payload as {
        registration: Record<string, unknown>;
      };
      if (registration.state === state) return registration;
    }
  };
  const shown = async (text: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const { status } = (await bench.next('shown')) as unknown as { status: Record<string, unknown> };
      const { id } = status.source as { id: string };
      if (id === 'phone11001' && status.text === text) return status;
    }
  };

  it('shows that it is registered, tells it to sip-call-events, and calls an extension by its number', async () => {
    await bench.loadWith(
      { phone11001: { password: 'secret' }, phone11002: { password: 'secret' } },
      account('11001', pbx.address),
      account('11002', pbx.address),
      news,
      statuses,
      dial,
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone11002', wires: [['pick', 'rings']] },
      { id: 'pick', type: 'sip-answer', wires: [['picked'], []] },
      { id: 'end', type: 'sip-hangup', wires: [['over']] },
      catchAll,
    );
    const registration = await heard('registered');
    assert.ok(Number(registration.expiresInMs) > 0 && !('failure' in registration));
    const { fill, shape } = await shown('status.registered');
    assert.deepEqual([fill, shape], ['green', 'dot']);
    while (pbx.bindings.size < 2) await new Promise((resolve) => setImmediate(resolve));
    bench.send('dial');
    const answered = await bench.next('answered');
    assert.equal(callOf(answered).to, `sip:11002@${pbx.address}`);
    assert.match(callOf(await bench.next('rings')).from, new RegExp(`^sip:11001@127\\.0\\.0\\.1`));
    assert.ok(pbx.requests.some((line) => line.startsWith(`INVITE sip:11002@${pbx.address}`)));
    await bench.next('picked');
    bench.send('end', { call: callOf(answered) });
    await bench.next('over');
    assert.equal(bench.count('errors'), 0);
    await bench.unload();
    assert.equal(pbx.bindings.size, 0, 'a closed phone takes its binding away');
  });

  it('shows on the nodes that get its calls whether they can come, also before and after a call, and after a deploy', async () => {
    await bench.loadWith(
      { phone11001: { password: 'secret' }, phone11002: { password: 'wrong' } },
      account('11001', pbx.address),
      account('11002', pbx.address),
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone11001', wires: [['end']] },
      { id: 'deaf', type: 'sip-incoming-call', instance: 'phone11002', wires: [[]] },
      { id: 'end', type: 'sip-hangup', wires: [['over']] },
      { ...dial, target: 'target', targetType: 'msg' },
    );
    await bench.statusOf('ring', ['status.registered']);
    await bench.statusOf('deaf', ['registration AUTH']);
    const contact = pbx.bindings.get('11001');
    bench.send('dial', { target: contact });
    await bench.next('over');
    await bench.statusOf('ring', ['status.registered']);
    await bench.deploy('nodes', (node) => (node.id === 'ring' ? { ...node, name: 'renamed' } : node));
    await bench.statusOf('ring', ['status.registered']);
  });

  it('says once why it is not registered when the password is wrong', async () => {
    await bench.loadWith(
      { phone11001: { password: 'wrong' } },
      account('11001', pbx.address),
      news,
      statuses,
      catchAll,
    );
    const { failure } = (await heard('failed')) as { failure: { code: string } };
    assert.equal(failure.code, 'AUTH');
    const error = errorOf(await bench.next('errors'));
    assert.equal(error.code, 'AUTH');
    assert.equal(error.source.id, 'phone11001');
    const { fill } = await shown('registration AUTH');
    assert.equal(fill, 'red');
    assert.equal(bench.count('errors'), 1);
  });

  it('stays silent at the registrar when it is told not to register', async () => {
    await bench.load(account('11001', pbx.address, { register: false }), news, statuses, dial);
    await shown('status.ready');
    bench.send('dial');
    assert.equal(((await bench.next('failed')).sip as { status: number }).status, 404);
    assert.ok(pbx.requests.every((line) => !line.startsWith('REGISTER')));
  });

  describe('by a message to sip-call-events', () => {
    const actions = async (register: boolean, password = 'secret'): Promise<void> => {
      const phone = account('11001', pbx.address, { register });
      await bench.loadWith({ phone11001: { password } }, phone, news, catchAll);
    };

    it('registers when it is told to, and takes that back, as often as a flow likes', async () => {
      await actions(false);
      for (let round = 0; round < 2; round += 1) {
        bench.send('news', { action: 'register' });
        await heard('registered');
        assert.equal(pbx.bindings.size, 1);
        bench.send('news', { action: 'unregister' });
        await heard('unregistered');
        assert.equal(pbx.bindings.size, 0);
      }
      assert.equal(bench.count('errors'), 0);
    });

    it('takes back what the phone has registered by itself', async () => {
      await actions(true);
      await heard('registered');
      bench.send('news', { action: 'unregister' });
      await heard('unregistered');
      assert.equal(pbx.bindings.size, 0);
    });

    it('tells Catch nodes what the registrar has against it', async () => {
      await actions(false, 'wrong');
      bench.send('news', { action: 'register' });
      const codes = [errorOf(await bench.next('errors')), errorOf(await bench.next('errors'))];
      assert.deepEqual(codes.map(({ code, source }) => `${code} ${source.id}`).sort(), [
        ...['AUTH news', 'AUTH phone11001'],
      ]);
    });

    it('refuses any other action by name, and a phone without a registrar', async () => {
      await bench.load(phone('11001'), news, catchAll);
      for (const action of [undefined, 'stop', 7, {}]) {
        bench.send('news', { action });
        const { code, message } = errorOf(await bench.next('errors'));
        assert.equal(code, 'BAD_CONFIG');
        assert.match(message, /msg\.action/);
      }
      bench.send('news', { action: 'register' });
      const { code, message } = errorOf(await bench.next('errors'));
      assert.equal(code, 'BAD_CONFIG');
      assert.match(message, /registrar/);
    });
  });
});
