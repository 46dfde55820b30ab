import assert from 'node:assert/strict';
import { exampleFlow, NodeRed } from '../package/support/node-red';

const TAB = 'matrix';
const node = (id: string, type: string, fields: object = {}, ...outputs: string[][]): object => ({
  ...{ id, type, z: TAB, name: `the ${id}`, x: 100, y: 100, wires: outputs },
  ...fields,
});
const remember = (what: string): string =>
  `const seen = global.get('seen') ?? {}; (seen.${what} ??= []).push(${what === 'errors' ? 'msg.error.code' : what === 'statuses' ? 'msg.status.text' : 'msg._msgid'}); global.set('seen', seen); return msg;`;

/** A call that is made inside a subflow, asked for by a link call, and goes on over two wires at once. */
const flow: object[] = [
  { id: TAB, type: 'tab', label: 'Matrix', disabled: false, info: '', env: [] },
  ...['1991', '1992'].map((dn) => ({ id: `p${dn}`, type: 'sip-instance', name: dn, mode: 'simulation', dn })),
  {
    ...{
      id: 'sub',
      type: 'subflow',
      name: 'Call',
      info: '',
      in: [{ x: 0, y: 0, wires: [{ id: 'sub-dial' }] }],
    },
    out: [{ x: 0, y: 0, wires: [{ id: 'sub-dial', port: 0 }] }],
  },
  node('sub-dial', 'sip-make-call', { z: 'sub', instance: 'p1991', target: '1992' }, [], [], []),
  node('ask', 'http in', { url: '/matrix', method: 'post' }, ['over']),
  node('over', 'link call', { links: ['enter'], linkType: 'static', timeout: '20' }, ['answer']),
  node('answer', 'http response', { statusCode: '200' }),
  node('enter', 'link in', { links: [] }, ['use']),
  node('use', 'subflow:sub', {}, ['say', 'keys']),
  node('say', 'sip-play-audio', { source: 'sipflow:announcement' }, ['info'], [], [], []),
  node('keys', 'sip-send-dtmf', { digits: '42' }, [], []),
  node('info', 'sip-call-info', {}, ['result']),
  node(
    'result',
    'function',
    {
      func: 'msg.payload = { codec: msg.callInfo.codec, same: msg.res !== undefined };return msg;',
      outputs: 1,
    },
    ['end'],
  ),
  node('end', 'sip-hangup', {}, ['back']),
  node('back', 'link out', { mode: 'return', links: [] }),
  node('rings', 'sip-incoming-call', { instance: 'p1992' }, ['pick']),
  node('pick', 'sip-answer', {}, ['gather'], []),
  node('gather', 'sip-receive-dtmf', { maxDigits: '2' }, ['digits'], [], [], []),
  node('digits', 'function', {
    func: "global.set('digits', msg.dtmf.digits);",
    outputs: 0,
  }),
  node('wrong', 'http in', { url: '/wrong', method: 'post' }, ['nowhere']),
  node('nowhere', 'sip-hangup', { call: 'payload.call', callType: 'msg' }, []),
  node('catch', 'catch', { scope: ['nowhere'], uncaught: false }, ['caught']),
  node('caught', 'function', { func: remember('errors'), outputs: 1 }, ['sorry']),
  node('sorry', 'http response', { statusCode: '400' }),
  node('status', 'status', { scope: ['say'] }, ['shown']),
  node('shown', 'function', { func: remember('statuses'), outputs: 1 }, []),
  node('complete', 'complete', { scope: ['say', 'keys'], uncaught: false }, ['completed']),
  node('completed', 'function', { func: remember('completions'), outputs: 1 }, []),
  node('look', 'http in', { url: '/seen', method: 'get' }, ['told']),
  node(
    'told',
    'function',
    {
      func: "msg.payload = { ...global.get('seen'), digits: global.get('digits') };return msg;",
      outputs: 1,
    },
    ['answer'],
  ),
];

describe(`the packed package in Node.js ${process.version}`, function () {
  this.timeout(120000);
  const nodeRed = new NodeRed();
  before(async () => {
    nodeRed.install();
    await nodeRed.start([...flow, ...exampleFlow('01 - First call.json')]);
  });
  after(async () => nodeRed.dispose());

  it('runs in the versions that this cell of the matrix is about', () => {
    const wanted = process.env.SIPFLOW_NODE_RED_VERSION;
    const [, ran] = /Node-RED version: v(\S+)/.exec(nodeRed.output) ?? [];
    assert.ok(ran);
    console.log(`      Node-RED ${ran}, Node.js ${process.version}`);
    if (wanted) assert.ok(ran.startsWith(`${wanted}.`), `${ran} is not ${wanted}`);
    assert.ok(nodeRed.output.includes(`Node.js  version: ${process.version}`));
  });

  it('passes a call through a subflow, a link call and two wires at once', async () => {
    const { json } = await nodeRed.post('/matrix', {});
    assert.deepEqual(json, { codec: 'PCMU', same: true });
  });

  it('tells Catch, Status and Complete nodes what they are there for', async () => {
    const { status, json } = await nodeRed.post('/wrong', { call: 'no such call' });
    assert.equal(status, 400);
    assert.ok(JSON.stringify(json).length > 0);
    const seen = (await nodeRed.get('/seen')) as Record<string, unknown[]>;
    assert.deepEqual(seen.errors, ['CALL_UNKNOWN']);
    assert.equal(seen.completions?.length, 2);
    assert.ok(
      seen.statuses?.some((text) => /play/i.test(String(text))),
      JSON.stringify(seen.statuses),
    );
    assert.equal(seen.digits, '42');
  });

  it('runs example 01', async () => {
    const { json } = await nodeRed.post('/demo/call', {});
    assert.equal(json.ok, true, JSON.stringify(json));
    assert.equal(json.digits, '1234');
  });

  it('ends in time, and nothing was thrown on the way', async () => {
    assert.ok((await nodeRed.stop()) < 5000);
    assert.doesNotMatch(nodeRed.output, /uncaught|unhandled|TypeError|Deprecat.*sipflow/i);
  });
});
