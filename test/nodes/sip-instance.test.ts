import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { freePort } from '../support/ports';
import { Bench, callOf, catchAll, errorOf, phone, type FlowNode } from './support/bench';

const network = (dn: string, port: number): FlowNode =>
  phone(dn, { mode: 'network', bindAddress: '127.0.0.1', port: String(port) });
const events = (instance: string): FlowNode => ({
  id: 'events',
  type: 'sip-call-events',
  instance,
  wires: [['event']],
});

function twoNetworkPhones(from: number, to: number): FlowNode[] {
  return [
    network('1001', from),
    network('1002', to),
    {
      id: 'dial',
      type: 'sip-make-call',
      instance: 'phone1001',
      target: `sip:1002@127.0.0.1:${to}`,
      wires: [['answered'], [], ['failed']],
    },
    { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
    { id: 'pick', type: 'sip-answer', wires: [['picked'], []] },
    { id: 'play', type: 'sip-play-audio', source: 'silence', wires: [[], [], ['play-ended'], ['playing']] },
    catchAll,
  ];
}

describe('sip-instance', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  it('pitfall 8: a deploy in mid-call ends it within 3 s, and the same ports bind again', async () => {
    const [from, to] = [await freePort(), await freePort()];
    for (let round = 0; round < 3; round++) {
      await bench.load(...twoNetworkPhones(from, to));
      bench.send('dial');
      const msg = await bench.next('answered');
      bench.send('play', { call: callOf(msg) });
      await bench.next('playing');
      const began = performance.now();
      await bench.unload();
      assert.ok(performance.now() - began < 3000, `closing took ${performance.now() - began} ms`);
    }
  });

  it('reports an occupied port to Catch nodes of the flows that use it, with what to do', async () => {
    const taken = createSocket('udp4').bind(0, '127.0.0.1');
    await once(taken, 'listening');
    try {
      const port = taken.address().port;
      await bench.load(network('1001', port), events('phone1001'), catchAll);
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, 'TRANSPORT');
      assert.match(error.message, new RegExp(String(port)));
      assert.equal(error.source.id, 'phone1001');
    } finally {
      taken.close();
      await once(taken, 'close');
    }
  });

  it('reports a number that is taken in the simulation', async () => {
    const double = { ...phone('1001'), id: 'phone-double' };
    await bench.load(
      phone('1001'),
      double,
      { ...events('phone1001'), id: 'events-1' },
      events('phone-double'),
      catchAll,
    );
    const error = errorOf(await bench.next('errors'));
    assert.equal(error.code, 'BAD_CONFIG');
    assert.match(error.message, /1001/);
  });

  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ['a blank number', { dn: '' }, /number/],
    ['a mode that does not exist', { mode: 'dream' }, /mode/],
    ['an unknown codec', { codecs: ['PCMX'] }, /PCMX/],
    ['an unknown SRTP suite', { srtpSuites: ['AES_CM_129_HMAC_SHA1_80'] }, /AES_CM_129_HMAC_SHA1_80/],
    ['an SRTP suite that is no text', { srtpSuites: 7 }, /srtpSuites/],
    ['a port range without room', { rtpPortMin: '20001', rtpPortMax: '20001' }, /RTP|rtpPort/],
    ['nonsense for a number', { maxCalls: 'many' }, /maxCalls/],
    ['an environment variable that is not set', { maxCalls: '${SIPFLOW_TEST_UNSET}' }, /SIPFLOW_TEST_UNSET/],
  ];
  for (const [what, fields, sentence] of wrong) {
    it(`raises BAD_CONFIG for ${what}, and calls then raise INSTANCE_NOT_READY`, async () => {
      const dial = {
        id: 'dial',
        type: 'sip-make-call',
        instance: 'phone1001',
        target: '1002',
        wires: [[], [], []],
      };
      await bench.load(phone('1001', fields), dial, catchAll);
      const first = errorOf(await bench.next('errors'));
      assert.equal(first.code, 'BAD_CONFIG');
      assert.match(first.message, sentence);
      bench.send('dial');
      assert.equal(errorOf(await bench.next('errors')).code, 'INSTANCE_NOT_READY');
    });
  }

  it('tells its status to Status nodes of the flows that use it', async () => {
    const status = { id: 'status-all', type: 'status', scope: null, wires: [['statuses']] };
    await bench.load(phone('1001'), events('phone1001'), status);
    const told = async (): Promise<string> => {
      for (;;) {
        const { text, source } = (await bench.next('statuses')).status as {
          text: string;
          source: { id: string };
        };
        if (source.id === 'phone1001') return text;
      }
    };
    assert.equal(await told(), 'status.ready');
  });

  it('reads environment variables in its fields', async () => {
    process.env.SIPFLOW_TEST_DN = '1001';
    process.env.SIPFLOW_TEST_CODECS = 'alaw, PCMU';
    const env = phone('1001', { dn: '${SIPFLOW_TEST_DN}', codecs: ['${SIPFLOW_TEST_CODECS}'] });
    const dial = {
      id: 'dial',
      type: 'sip-make-call',
      instance: 'phone1001',
      target: '1002',
      wires: [['info'], [], []],
    };
    const info = { id: 'info', type: 'sip-call-info', wires: [['told']] };
    const ring = {
      id: 'ring',
      type: 'sip-incoming-call',
      instance: 'phone1002',
      wires: [['pick', 'incoming']],
    };
    const pick = { id: 'pick', type: 'sip-answer', wires: [[], []] };
    await bench.load(env, phone('1002'), dial, info, ring, pick);
    bench.send('dial');
    assert.equal(((await bench.next('told')).callInfo as { codec: string }).codec, 'PCMA');
    assert.match(callOf(await bench.next('incoming')).from, /sip:1001@/);
  });

  it('tells every event of its calls to sip-call-events', async () => {
    const only = { ...events('phone1002'), id: 'only', events: ['ended'], wires: [['ended-only']] };
    const end = { id: 'end', type: 'sip-hangup', wires: [['over']] };
    await bench.load(
      phone('1001'),
      phone('1002'),
      { id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [['end'], [], []] },
      { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
      { id: 'pick', type: 'sip-answer', wires: [[], []] },
      events('phone1002'),
      only,
      end,
    );
    bench.send('dial');
    const seen: unknown[] = [];
    while (seen.at(-1) !== 'ended') seen.push((await bench.next('event')).topic);
    assert.deepEqual(
      ['incoming', 'answered', 'ended'].filter((event) => seen.includes(event)),
      ['incoming', 'answered', 'ended'],
    );
    const msg = await bench.next('ended-only');
    const payload = msg.payload as { event: string; time: string; info: { state: string } };
    assert.equal(payload.event, 'ended');
    assert.equal(payload.info.state, 'ended');
    assert.ok(Date.parse(payload.time) > 0);
    await bench.next('over');
    assert.equal(bench.count('ended-only'), 1);
  });
});

describe('sip-incoming-call', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  const dial = {
    id: 'dial',
    type: 'sip-make-call',
    instance: 'phone1001',
    target: '1002',
    wires: [[], [], ['failed']],
  };
  const status = (msg: Record<string, unknown>) => (msg.sip as { status: number }).status;

  it('refuses a call that nobody answers, with the status of its form', async () => {
    const ring = {
      id: 'ring',
      type: 'sip-incoming-call',
      instance: 'phone1002',
      noAnswerTimeout: '0.3',
      noAnswerStatus: '486',
      wires: [['rings']],
    };
    await bench.load(phone('1001'), phone('1002'), dial, ring);
    bench.send('dial');
    assert.equal(status(await bench.next('failed')), 486);
  });

  it('gives a call to the most exact match only', async () => {
    const ring = (id: string, match: string) => ({
      id,
      type: 'sip-incoming-call',
      instance: 'phone1002',
      match,
      wires: [[`at-${id}`]],
    });
    await bench.load(
      phone('1001'),
      phone('1002'),
      dial,
      ring('any', ''),
      ring('prefix', '10*'),
      ring('exact', '1002'),
      ring('regex', '/^1/'),
    );
    bench.send('dial');
    await bench.next('at-exact');
    for (const other of ['any', 'prefix', 'regex']) assert.equal(bench.count(`at-${other}`), 0, other);
  });

  it('answers 404 when no node matches and 480 when there is none', async () => {
    const ring = {
      id: 'ring',
      type: 'sip-incoming-call',
      instance: 'phone1002',
      match: '99',
      wires: [['rings']],
    };
    await bench.load(
      phone('1001'),
      phone('1002'),
      phone('1003'),
      dial,
      { ...dial, id: 'dial-3', target: '1003', wires: [[], [], ['failed-3']] },
      ring,
    );
    bench.send('dial');
    bench.send('dial-3');
    assert.equal(status(await bench.next('failed')), 404);
    assert.equal(status(await bench.next('failed-3')), 480);
  });

  it('raises NO_INSTANCE when its phone was deleted, and BAD_CONFIG for nonsense', async () => {
    const ring = (id: string, fields: object) => ({
      id,
      type: 'sip-incoming-call',
      wires: [['rings']],
      ...fields,
    });
    await bench.load(
      phone('1002'),
      ring('lost', { instance: 'gone' }),
      ring('odd', { instance: 'phone1002', noAnswerTimeout: 'soon' }),
      catchAll,
    );
    const codes = [errorOf(await bench.next('errors')), errorOf(await bench.next('errors'))];
    assert.deepEqual(codes.map(({ code, source }) => `${source.id} ${code}`).sort(), [
      'lost NO_INSTANCE',
      'odd BAD_CONFIG',
    ]);
  });
});
