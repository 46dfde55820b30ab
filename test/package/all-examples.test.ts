import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../../lib/calls';
import type { SoundReport } from '../../nodes/shared/audio-info';
import { levelDbfs, readWav } from '../nodes/support/wav';
import { nextCall, Phones } from '../support/phones';
import { MqttBroker } from '../support/mqtt-broker';
import { Pbx } from '../support/pbx';
import { undisturbed } from '../support/stall-watch';
import { exampleFiles, exampleFlow, NodeRed, request, root, withVariables } from './support/node-red';
import { shareHeard, shippedSound } from './support/sounds';

const files = exampleFiles;
const heard = (file: unknown): Float64Array => {
  const { rate, channels } = readWav(String(file));
  assert.equal(rate, 8000);
  return channels[0] ?? new Float64Array();
};

/** Records what phone 102 of the first example hears, and tells where. */
const EAR = [
  { id: 'ear-tab', type: 'tab', label: 'ear', env: [] },
  {
    id: 'ear',
    type: 'sip-record',
    z: 'ear-tab',
    file: 'hello.wav',
    channels: 'received',
    wires: [['keep'], [], []],
  },
  {
    ...{ id: 'keep', type: 'function', z: 'ear-tab', outputs: 1, wires: [[]] },
    func: `flow.set('heard', msg.recording);`,
  },
  { id: 'ask', type: 'http in', z: 'ear-tab', url: '/test/heard', method: 'get', wires: [['tell']] },
  {
    ...{ id: 'tell', type: 'function', z: 'ear-tab', outputs: 1, wires: [['told']] },
    func: `msg.payload = flow.get('heard') ?? {}; return msg;`,
  },
  { id: 'told', type: 'http response', z: 'ear-tab', wires: [] },
].map((node) => (node.type === 'tab' ? node : { ...node, x: 100, y: 100 }));

/** The flow of an example; in the first one, what is answered also goes to the ear. */
function withEar(file: string): Record<string, unknown>[] {
  return exampleFlow(file).map((node) =>
    file.startsWith('00') && node.type === 'sip-answer' ? { ...node, wires: [['ear'], []] } : node,
  );
}

/** Example 17 once more, whose phone registers at a trunk instead of one that is played. */
function realTrunk(trunk: string): Record<string, unknown>[] {
  const text = JSON.stringify(exampleFlow('17 - Trunk watchdog (MQTT).json'))
    .replaceAll('sf17', 'sf97')
    .replaceAll('sipflow/17', 'sipflow/97')
    .replaceAll('/demo/trunk', '/demo/real-trunk');
  const flow = JSON.parse(text) as Record<string, unknown>[];
  const played = flow.find(({ dn }) => dn === '1702')?.id;
  return flow
    .filter(({ id, instance }) => id !== played && instance !== played)
    .map((node) => {
      if (node.dn === '1701') {
        const network = { mode: 'network', port: '0', bindAddress: '127.0.0.1', registrar: trunk };
        return { ...node, ...network, dn: '17001' };
      }
      if (node.type !== 'tab') return node;
      const env = node.env as { name: string; value: string }[];
      return {
        ...node,
        env: env.map((each) => (each.name === 'TRUNK' ? { ...each, value: `sip:${trunk}` } : each)),
      };
    });
}

describe('all examples together in a real Node-RED', function () {
  this.timeout(120000);
  const nodeRed = new NodeRed();
  const post = async (path: string, body: object) => (await nodeRed.post(path, body)).json;

  let broker: MqttBroker;
  let pbx: Pbx;

  before(async () => {
    broker = await MqttBroker.open();
    pbx = await Pbx.open({ '10001': 'secret', '17001': 'secret' });
    nodeRed.install();
    const variables = { MQTT_PORT: String(broker.port), PBX: pbx.address };
    const flows = [...files.flatMap(withEar), ...EAR, ...realTrunk(pbx.address)];
    await nodeRed.start(withVariables(flows, variables), {
      sf10a00000010001: { password: 'secret' },
      sf97a00000001701: { password: 'secret' },
    });
    const brokers = flows.filter(({ type }) => type === 'mqtt-broker').length;
    while (broker.clients < brokers) await delay(20);
  });
  after(async () => {
    await nodeRed.dispose();
    await broker.close();
    await pbx.close();
  });

  /** The arrows of a call, as the picture in the guide has them; with `SIPFLOW_PICTURES` the picture is made anew. */
  async function assertPictured(from: string, to: string, picture: string): Promise<void> {
    const isIt = (row: { from: string; to: string; direction: string }): boolean =>
      row.direction === 'out' && row.from.startsWith(from) && row.to.startsWith(to);
    let call: { id: string } | undefined;
    while (!call) {
      const { ended } = (await nodeRed.get('/sipflow/sidebar/calls?since=0')) as {
        ended: { id: string; from: string; to: string; direction: string }[];
      };
      call = ended.find(isIt);
      if (!call) await delay(50);
    }
    const svgOf = async (id: string): Promise<string> =>
      (await request(`${nodeRed.url}/sipflow/sidebar/calls/${id}/export/svg`, {})).text();
    const arrows = (svg: string): string[] =>
      (svg.match(/>(?:re-INVITE|INVITE|ACK|BYE|REFER|NOTIFY|[1-6]\d\d [A-Z][^<]*)</g) ?? []).map((text) =>
        text.slice(1, -1),
      );
    const file = join(root, 'docs/images', picture);
    // The other side may have its BYE a moment later.
    for (const until = Date.now() + 5000; ; await delay(100)) {
      const svg = await svgOf(call.id);
      if (process.env.SIPFLOW_PICTURES !== undefined) writeFileSync(file, svg);
      const [now, pictured] = [svg, readFileSync(file, 'utf8')].map((each) => arrows(each).sort());
      assert.ok(pictured.length > 5, picture);
      if (now.join() === pictured.join()) return;
      if (Date.now() > until) assert.deepEqual(now, pictured);
    }
  }

  it('have ids and HTTP paths of their own, and every phone starts', async () => {
    const flow = files.flatMap(exampleFlow);
    assert.equal(new Set(flow.map(({ id }) => id)).size, flow.length);
    const paths = flow.filter(({ type }) => type === 'http in').map(({ url }) => url);
    assert.equal(new Set(paths).size, paths.length);
    assert.equal(paths.length, files.length - 1, 'all but the first have one');
    assert.doesNotMatch(nodeRed.output, /\[error\]/);
  });

  it('00: six nodes; a button makes 101 call 102, which answers and hears the welcome; then 101 hangs up', async () => {
    const flow = exampleFlow('00 - Hello, call.json');
    const nodes = flow.filter(({ type, wires }) => wires && type !== 'comment');
    assert.equal(nodes.length, 6);
    const inject = nodes.find(({ type }) => type === 'inject');
    const pressed = await request(`${nodeRed.url}/inject/${String(inject?.id)}`, { method: 'POST' });
    assert.equal(pressed.status, 200);
    await pressed.text();
    let recording: Record<string, unknown> = {};
    while (!recording.file) {
      await delay(50);
      recording = (await nodeRed.get('/test/heard')) as Record<string, unknown>;
    }
    assert.equal(recording.reason, 'hangup');
    const share = shareHeard(heard(recording.file), shippedSound('welcome'));
    assert.ok(share >= 0.5, `${share} of the welcome heard`);
  });

  it('01: the first call still works beside the others', async () => {
    const result = await post('/demo/call', {});
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.equal(result.digits, '1234');
    await assertPictured('sip:1001@', 'sip:1002@', 'ladder-01.svg');
  });

  it('02: a key interrupts the menu and chooses the announcement, which the caller hears', async () => {
    const result = await post('/demo/menu', { keys: ',,2' });
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.equal(result.choice, '2');
    assert.equal(result.tries, 1);
    const menu = shippedSound('menu');
    const samples = heard(result.recording);
    for (const sound of ['announcement', 'prompt']) {
      const share = shareHeard(samples, shippedSound(sound));
      assert.ok(share >= 0.5, `${share} of the ${sound} heard`);
    }
    const rest = shareHeard(
      samples,
      menu.map((phase) => phase.slice(-8000)),
    );
    assert.ok(rest <= 0.2, `${rest} of the end of the interrupted menu heard`);
  });

  it('02: a wrong key hears the menu again', async () => {
    const result = await post('/demo/menu', { keys: ',,7,,,,1' });
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.equal(result.choice, '1');
    assert.equal(result.tries, 2);
  });

  it('03, pitfall 7: the announcement before the answer is heard, then the call is refused as busy', async () => {
    let share = 0;
    // The recording begins only when the news of the 183 has come through the flow; the sound lasts for
    // one second, and on a busy machine that news may take as long. Three calls are never all that late.
    for (let attempt = 0; attempt < 3 && share < 0.5; attempt++) {
      const result = await post('/demo/busy', {});
      assert.equal(result.ok, true, JSON.stringify(result));
      assert.deepEqual(result.progress, [183]);
      assert.equal(result.status, 486);
      assert.equal(result.answered, false);
      share = shareHeard(heard(result.recording), shippedSound('announcement'));
    }
    assert.ok(share >= 0.5, `${share} of the announcement heard`);
  });

  it('04: a message left after the beep is recorded until silence, and a notice of it is published', async () => {
    const result = await post('/demo/voicemail', {});
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.equal(result.reason, 'silence');
    assert.equal(result.notice, 'sent');
    const { payload } = await broker.first(({ topic }) => topic === 'sipflow/04/voicemail/4002');
    const notice = payload as Record<string, unknown>;
    assert.deepEqual(
      [notice.mailbox, notice.from, notice.file, notice.reason],
      ['4002', '4001', result.recording, 'silence'],
    );
    const share = shareHeard(heard(result.recording), shippedSound('welcome'));
    assert.ok(share >= 0.5, `${share} of the message recorded`);
  });

  it('05: the response says who confirmed, who was busy, who did not answer and who does not exist', async () => {
    const cases: [string, number, object][] = [
      ['5002', 200, { ok: true, status: 200, confirmed: true, key: '1', codec: 'PCMU' }],
      ['5003', 502, { ok: false, status: 486, confirmed: false }],
      ['5004', 502, { ok: false, status: 480, confirmed: false }],
      ['5009', 502, { ok: false, status: 404, confirmed: false }],
    ];
    for (const [to, status, expected] of cases) {
      const response = await nodeRed.post('/demo/alarm', { to });
      assert.equal(response.status, status, JSON.stringify(response.json));
      assert.deepEqual({ ...response.json, ...expected, to }, response.json);
    }
    const wrong = await nodeRed.post('/demo/alarm', { to: 'sip:@@' });
    assert.equal(wrong.status, 400);
    assert.equal(wrong.json.code, 'BAD_TARGET');
  });

  it('06: a request on a topic makes a call, and its result comes on a topic of its own', async () => {
    const resultOf = async (id: string): Promise<unknown> =>
      (await broker.first(({ topic }) => topic === `sipflow/06/result/${id}`)).payload;
    const confirmed = resultOf('t1');
    await broker.publish('sipflow/06/call', JSON.stringify({ id: 't1', to: '6002' }));
    const { callMs, ...told } = (await confirmed) as Record<string, unknown>;
    assert.ok(Number(callMs) > 500);
    assert.deepEqual(told, { ok: true, id: 't1', to: '6002', status: 200, confirmed: true, key: '1' });

    const asked = await nodeRed.post('/demo/order', { id: 't2', to: '6003' });
    assert.deepEqual([asked.status, asked.json], [202, { ok: true, result: 'sipflow/06/result/t2' }]);
    const busy = { ok: false, id: 't2', to: '6003', status: 486, reason: 'Busy Here', confirmed: false };
    assert.deepEqual(await resultOf('t2'), busy);

    await broker.publish('sipflow/06/call', 'call somebody');
    assert.equal(((await resultOf('unknown')) as { code: string }).code, 'BAD_REQUEST');
    await broker.publish('sipflow/06/call', JSON.stringify({ id: 't3', to: 'sip:@@' }));
    assert.equal(((await resultOf('t3')) as { code: string }).code, 'BAD_TARGET');
  });

  it('07, pitfall 3: a mismatch is explained, and common codecs work in any spelling', async () => {
    const refused = await post('/demo/codecs', { offer: ['PCMU'] });
    assert.equal(refused.ok, false);
    assert.equal(refused.status, 488);
    assert.equal(refused.code, 'NO_COMMON_CODEC');
    assert.match(String(refused.diagnosis), /PCMU.*PCMA/);
    for (const offer of [['PCMU', 'PCMA'], ['alaw']]) {
      assert.deepEqual(await post('/demo/codecs', { offer }), { ok: true, codec: 'PCMA' });
    }
    const wrong = await nodeRed.post('/demo/codecs', { offer: ['MP3'] });
    assert.equal(wrong.status, 400);
    assert.equal(wrong.json.code, 'BAD_CONFIG');
  });

  it('10: registers at a PBX with its password and talks with an extension, in either direction', async () => {
    const phones = new Phones();
    try {
      const other = await phones.phone('10002', { mode: 'network' });
      const at = other.address as { address: string; port: number };
      pbx.bindings.set('10002', `sip:10002@${at.address}:${at.port}`);
      while (!pbx.bindings.has('10001')) await delay(20);
      const incoming = nextCall(other);
      const response = post('/demo/pbx', {});
      const call = await incoming;
      await call.answer();
      const recording = await call.record({ file: 'heard.wav', channels: 'received' });
      const { status, ...result } = await response;
      assert.deepEqual([result.ok, status, result.to, result.codec], [true, 200, '10002', 'PCMU']);
      const share = shareHeard(heard((await recording.finished).file), shippedSound('welcome'));
      assert.ok(share >= 0.5, `${share} of the greeting heard`);

      const back = await other.dial({ target: `sip:10001@${pbx.address}` });
      assert.equal((await back.outcome).kind, 'answered');
      const answer = await back.record({ file: 'back.wav', channels: 'received' });
      const announced = shareHeard(heard((await answer.finished).file), shippedSound('announcement'));
      assert.ok(announced >= 0.5, `${announced} of the announcement heard`);

      const unknown = await post('/demo/pbx', { to: '10009' });
      assert.deepEqual([unknown.ok, unknown.status], [false, 404]);
    } finally {
      await phones.close();
    }
  });

  it('11: signalling runs over TLS, the audio is encrypted, and it is heard', async () => {
    const result = await post('/demo/secure', {});
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.deepEqual([result.transport, result.srtp], ['TLS', true]);
    const share = shareHeard(heard(result.recording), shippedSound('welcome'));
    assert.ok(share >= 0.5, `${share} of the greeting heard`);
  });

  it('08: a held party is taken back, then transferred, and hears both in one recording', async () => {
    const result = await post('/demo/transfer', {});
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.deepEqual([result.status, result.heard], [200, '24']);
    const samples = heard(result.recording);
    for (const sound of ['prompt', 'announcement']) {
      const share = shareHeard(samples, shippedSound(sound));
      assert.ok(share >= 0.5, `${share} of the ${sound} heard`);
    }
    await assertPictured('sip:8001@', 'sip:8002@', 'ladder-08.svg');
    const nobody = await post('/demo/transfer', { to: '8009' });
    assert.deepEqual([nobody.ok, nobody.status], [false, 404]);
  });

  it('09: a bridge carries speech and keys from PCMU to G.722 and back', async () => {
    const result = await post('/demo/bridge', {});
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.deepEqual(result.codecs, ['PCMU', 'G722']);
    assert.deepEqual([result.heard, result.reason], ['95', 'hangup']);
    const share = shareHeard(heard(result.recording), shippedSound('announcement'));
    assert.ok(share >= 0.3, `${share} of the announcement heard through both codecs`);
  });

  it('12: fifty calls at once keep their digits and recordings apart', async () => {
    const result = await post('/demo/fifty', { calls: 50 });
    assert.equal(result.ok, true, JSON.stringify(result));
    for (const count of ['calls', 'answered', 'digitsRight', 'recordings']) assert.equal(result[count], 50);
    assert.equal(result.failed, 0);
    const folder = join(nodeRed.userDir, 'sip-recordings', 'fifty');
    const recordings = readdirSync(folder);
    assert.equal(recordings.length, 50);
    for (const file of recordings) {
      const level = levelDbfs(heard(join(folder, file)));
      assert.ok(level > -45, `${file} at ${level} dBFS`);
    }
  });

  it('13: everything that happens to both phones of a call is published', async () => {
    const { ok, callId } = await post('/demo/monitor', {});
    assert.equal(ok, true);
    const event = (phone: string, name: string) =>
      broker.first(({ topic, payload }) => {
        const { call } = payload as { call?: { callId: string } };
        return topic === `sipflow/13/${phone}/${name}` && call?.callId === callId;
      });
    for (const name of ['outgoing', 'ringing', 'answered', 'dtmf', 'ended']) await event('1301', name);
    for (const name of ['incoming', 'answered', 'ended']) await event('1302', name);
    const { digit } = (await event('1301', 'dtmf')).payload as { digit: { digit: string } };
    assert.equal(digit.digit, '5');
    const { info } = (await event('1302', 'ended')).payload as { info: { endedBy: string } };
    assert.equal(info.endedBy, 'local');
  });

  it('17: what a trunk answers is published, with an alarm when it goes down and when it is back', async () => {
    const alarm = (what: string) =>
      broker.first(
        ({ topic, payload }) =>
          topic === 'sipflow/17/alarm' && (payload as { alarm: string }).alarm === `the trunk is ${what}`,
      );
    const ping = async (body: object): Promise<unknown[]> => {
      const { time, ...result } = await post('/demo/trunk', body);
      const { payload } = await broker.first(
        (each) => each.topic === 'sipflow/17/trunk' && (each.payload as { time: string }).time === time,
      );
      assert.deepEqual(payload, { ...result, time });
      return [result.ok, result.trunk, result.status, result.registration];
    };
    assert.deepEqual(await ping({}), [true, '1702', 200, null]);
    assert.deepEqual(await ping({ down: true }), [false, '1702', 503, null]);
    await alarm('down');
    assert.deepEqual(await ping({ down: false }), [true, '1702', 200, null]);
    await alarm('back');
  });

  it('17: with a real trunk its registration is published too, and any answer to the ping is a sign of life', async () => {
    while (!pbx.bindings.has('17001')) await delay(20);
    const { payload } = await broker.first(
      ({ topic, payload: each }) =>
        topic === 'sipflow/97/registration' && (each as { state: string }).state === 'registered',
    );
    assert.equal((payload as { status: number }).status, 200);
    const { ok, status, registration } = await post('/demo/real-trunk', {});
    assert.deepEqual([ok, status, registration], [true, 404, 'registered']);
  });

  it('16: who knows the PIN is in the room and hears the others, not itself; who does not is sent away', async () => {
    const result = await post('/demo/conference', {});
    assert.equal(result.ok, true, JSON.stringify(result));
    const callers = result.callers as { pin: string; room: string | null; recording: string }[];
    assert.deepEqual(
      callers.map(({ pin, room }) => [pin, room]),
      [
        ['1234', 'sales'],
        ['1234', 'sales'],
        ['0000', null],
      ],
    );
    const share = (caller: number, sound: string): number =>
      shareHeard(heard(callers[caller]?.recording), shippedSound(sound));
    const other = share(1, 'welcome');
    assert.ok(other >= 0.3, `${other} of what the first caller says is heard by the second`);
    const own = share(0, 'welcome');
    assert.ok(own <= 0.2, `the first caller hears ${own} of itself`);
    const goodbye = share(2, 'goodbye');
    assert.ok(goodbye >= 0.3, `${goodbye} of the goodbye heard by who is sent away`);
    const wrong = await nodeRed.post('/demo/conference', { pins: ['1234'] });
    assert.equal(wrong.status, 400);
  });

  it('15: the desk calls one after the other and joins who answers; when nobody does, it takes a message', async () => {
    const { heard: file, ...joined } = await post('/demo/desk', {});
    const attempts = ['1503: 486', '1504: 200'];
    assert.deepEqual(joined, { ok: true, target: '1504', attempts, voicemail: null });
    const share = shareHeard(heard(file), shippedSound('welcome'));
    assert.ok(share >= 0.5, `${share} of the welcome heard through the desk`);

    const missed = await post('/demo/desk', { answer: false });
    assert.deepEqual(
      [missed.ok, missed.target, missed.attempts],
      [true, null, ['1503: 486', '1504: 408']],
      JSON.stringify(missed),
    );
    const asked = shareHeard(heard(missed.heard), shippedSound('announcement'));
    assert.ok(asked >= 0.5, `${asked} of the announcement heard`);
    assert.ok(heard(missed.voicemail).length >= 8000, 'a second of the message');
  });

  it('14: the menu is tested row by row, the report has every check, and the prompt is known by its sound', async () => {
    interface Report {
      ok: boolean;
      passed: number;
      failed: number;
      cases: {
        name: string;
        status: string;
        reason?: string;
        recording?: string;
        checks: { what: string; got: unknown; ok: boolean }[];
      }[];
    }
    const { status, json } = await nodeRed.post('/demo/regression', {});
    const report = json as unknown as Report;
    assert.deepEqual(
      [status, report.ok, report.passed, report.failed],
      [200, true, 4, 0],
      JSON.stringify(json),
    );
    const [greeting, , , nobody] = report.cases;
    const heardIn = ({ checks }: Report['cases'][0]) =>
      checks.filter(({ what }) => what === 'heard').map(({ got }) => got);
    assert.deepEqual(report.cases.map(heardIn), [
      ['menu', 'welcome'],
      ['menu', 'announcement'],
      ['menu', 'goodbye'],
      [],
    ]);
    assert.deepEqual(
      nobody?.checks.map(({ what, got }) => [what, got]),
      [['status', 404]],
    );
    const share = shareHeard(heard(greeting?.recording), shippedSound('welcome'));
    assert.ok(share >= 0.5, `${share} of the greeting heard`);
  });

  it('22: the voice agent greets, answers and yields in time, as it is heard', async () => {
    await undisturbed(async () => {
      const { status, json } = await nodeRed.post('/demo/voice-agent', {});
      const { ok, greetingMs, latencyMs, bargeInMs } = json as Record<string, number>;
      assert.deepEqual([status, ok], [200, true], JSON.stringify(json));
      // The mock agent answers after half a second of silence and 300 ms of thinking.
      assert.ok(
        greetingMs < 1500 && latencyMs > 700 && latencyMs < 2500 && bargeInMs < 1500,
        JSON.stringify(json),
      );
    });
  });

  it('18: five features of a PBX are tested, one for each row of the CSV file beside the example', async () => {
    const { status, json } = await nodeRed.post('/demo/pbx-regression', {});
    const { ok, rows } = json as { ok: boolean; rows: { feature: string; status: string }[] };
    assert.deepEqual(
      rows.map((row) => [row.feature, row.status]),
      ['extension', 'transfer', 'hold', 'busy', 'voicemail'].map((feature) => [feature, 'passed']),
      JSON.stringify(json),
    );
    assert.deepEqual([status, ok], [200, true]);
  });

  it('19: the watchdog publishes its verdict, retained, and answers with it', async () => {
    const { status, json } = await nodeRed.post('/demo/watchdog', {});
    assert.deepEqual([status, json.status, json.attempts], [200, 'passed', 1], JSON.stringify(json));
    const { payload } = await broker.first(({ topic }) => topic === 'sipflow/watchdog/reception');
    assert.equal((payload as { status: string }).status, 'passed');
  });

  it('20: the caller presses its way through two levels of menu, and hears what it has chosen', async () => {
    for (const [keys, sounds] of [
      [',,,1,,,,2', ['desk', 'departments', 'support', 'goodbye']],
      [',,12', ['support', 'goodbye']],
    ] as const) {
      await undisturbed(() => assertChosen(keys, sounds));
    }

    async function assertChosen(keys: string, sounds: readonly string[]): Promise<void> {
      const result = await post('/demo/ivr', { keys });
      assert.equal(result.ok, true, JSON.stringify(result));
      const samples = heard(result.recording);
      for (const sound of ['support', 'goodbye', 'departments', 'sales', 'announcement']) {
        const share = shareHeard(samples, shippedSound(sound));
        const expected = sounds.includes(sound);
        // A menu is cut by the key, and its end is missing. The shortest sound has four slices, and a pause of a busy machine
        // spoils two of them: so a third is asked for. Words that two sounds share are a third of them at most.
        if (expected && sound !== 'departments')
          assert.ok(share >= 0.3, `${share} of ${sound} after ${keys}`);
        if (!expected) assert.ok(share <= 0.35, `${share} of ${sound} after ${keys}`);
      }
    }
  });

  it('21: the alarm goes to the next number when one is busy, and is acknowledged by 1', async () => {
    assert.deepEqual(await post('/demo/alarm-call', { alarm: 'test' }), {
      ...{ ok: true, acknowledgedBy: '2103', called: 2 },
    });
    assert.deepEqual(await post('/demo/alarm-call', { numbers: ['2102'] }), {
      ...{ ok: false, acknowledgedBy: null, called: 1 },
    });
  });

  it('23: more and more calls are made, none fails, and it says whether this machine kept up', async () => {
    const { status, json } = await nodeRed.post('/demo/load', {});
    assert.deepEqual([json.started, json.failed], [60, 0], JSON.stringify(json));
    // Whether it is judged is a matter of how busy this machine is.
    assert.ok(json.status === 'passed' ? status === 200 : json.status === 'not-judged', JSON.stringify(json));
    const { thresholds, stages } = json as { thresholds: { ok: boolean }[]; stages: { started: number }[] };
    assert.deepEqual(
      [thresholds.map(({ ok }) => ok), stages.map(({ started }) => started)],
      [
        [true, true],
        [10, 50],
      ],
    );
  });

  it('pitfall 2: the editor can ask what a sound is, but not what lies behind a URL', async () => {
    const ask = (source: string) =>
      nodeRed.get(`/sipflow/audio-info?phones=sf01a00000001001&source=${encodeURIComponent(source)}`);
    const [report] = (await ask('sipflow:welcome')) as SoundReport[];
    const { sampleRate, channels, durationMs } = report?.info ?? {};
    assert.deepEqual([sampleRate, channels], [44100, 2]);
    const { rate, channels: samples } = readWav(join(root, 'resources/sounds/welcome.wav'));
    const expectedMs = ((samples[0]?.length ?? 0) / rate) * 1000;
    assert.ok(Math.abs((durationMs ?? 0) - expectedMs) < 5, `${durationMs} ms`);
    const codes = ['missing.wav', 'settings.js', ''].map(
      async (source) => ((await ask(source)) as SoundReport[])[0]?.failure?.code,
    );
    assert.deepEqual(await Promise.all(codes), ['FILE_NOT_FOUND', 'BAD_AUDIO', 'BAD_AUDIO']);
    assert.equal(((await ask(`${nodeRed.url}/flows`)) as Failure).code, 'BAD_AUDIO');
  });

  it('end within 3 s, and nothing was thrown on the way', async () => {
    const took = await nodeRed.stop();
    assert.ok(took > 0 && took < 3000, `stopping took ${took} ms`);
    assert.doesNotMatch(nodeRed.output, /uncaught|unhandled|TypeError|headers after/i);
  });
});
