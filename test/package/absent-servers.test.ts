import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { exampleFiles, exampleFlow, NodeRed, withVariables } from './support/node-red';

const NEEDY = exampleFiles.filter((file) => /\((MQTT|PBX)\)\.json$/.test(file));

/** Where an example's own Catch nodes and a second one beside them can be told apart: GET answers what was caught. */
function watching(tab: string, path: string): object[] {
  const node = (id: string, type: string, fields: object, wires: string[][]) => ({
    ...{ id: `${tab}-${id}`, type, z: tab, name: id, x: 100, y: 20 },
    ...fields,
    wires: wires.map((targets) => targets.map((target) => `${tab}-${target}`)),
  });
  const keep =
    "flow.set('caught', [...(flow.get('caught') ?? []), { ...msg.error, source: msg.error.source.name }]);";
  const tell = "msg.payload = flow.get('caught') ?? []; return msg;";
  return [
    node('catch', 'catch', { scope: null, uncaught: false }, [['keep']]),
    node('keep', 'function', { func: keep, outputs: 0 }, []),
    node('ask', 'http in', { url: path, method: 'get' }, [['tell']]),
    node('tell', 'function', { func: tell, outputs: 1 }, [['answer']]),
    node('answer', 'http response', {}, []),
  ];
}

describe('examples whose server is not there', function () {
  this.timeout(120000);
  const nodeRed = new NodeRed();
  const caught = async (path: string, matches: RegExp): Promise<{ message: string; source: string }> => {
    for (;;) {
      const errors = (await nodeRed.get(path)) as { message: string; source: string }[];
      const found = errors.find(({ message }) => matches.test(message));
      if (found) return found;
      await delay(100);
    }
  };

  before(async () => {
    // A port that was open a moment ago: nobody listens there now.
    const probe = createSocket('udp4').bind(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    nodeRed.install();
    const flow = withVariables(NEEDY.flatMap(exampleFlow), { MQTT_PORT: '9', PBX: `127.0.0.1:${port}` });
    const tabs = ['04', '13', '17', '10'].flatMap((number) =>
      watching(`sf${number}f10000000000`, `/caught/${number}`),
    );
    await nodeRed.start([...flow, ...tabs]);
  });
  after(async () => nodeRed.dispose());

  it('04: the message is recorded all the same, and the Catch node says which broker is missing', async () => {
    const { json } = await nodeRed.post('/demo/voicemail', {});
    assert.equal(json.ok, true, JSON.stringify(json));
    assert.match(String(json.notice), /no MQTT broker/);
    const error = await caught('/caught/04', /broker/);
    assert.match(error.message, /127\.0\.0\.1:9\b.*MQTT_HOST/);
    assert.equal(error.source, 'Is the broker there?');
  });

  it('06: who orders a call is told which broker is missing', async () => {
    const { status, json } = await nodeRed.post('/demo/order', { id: 'x', to: '6002' });
    assert.deepEqual([status, json.ok, json.code], [503, false, 'NO_BROKER']);
    assert.match(String(json.message), /127\.0\.0\.1:9\b/);
  });

  it('13: the call succeeds, and the Catch node says which broker is missing', async () => {
    assert.equal((await nodeRed.post('/demo/monitor', {})).json.ok, true);
    assert.match((await caught('/caught/13', /broker/)).message, /127\.0\.0\.1:9\b/);
  });

  it('17: the trunk is pinged all the same, and the Catch node says which broker is missing', async () => {
    assert.equal((await nodeRed.post('/demo/trunk', {})).json.ok, true);
    assert.match((await caught('/caught/17', /broker/)).message, /127\.0\.0\.1:9\b/);
  });

  it('10: the Catch node says why the phone is not registered, and a call fails with a reason', async () => {
    const call = nodeRed.post('/demo/pbx', {});
    const error = await caught('/caught/10', /127\.0\.0\.1/);
    assert.equal(error.source, 'Extension at the PBX');
    const { json } = await call;
    assert.equal(json.ok, false);
    assert.ok(json.status || json.message, JSON.stringify(json));
  });
});
