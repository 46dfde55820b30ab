import assert from 'node:assert/strict';
import { nodeSets } from '../package/support/editor';
import { Bench, errorOf, type FlowNode } from './support/bench';
import { answeredCall, ringingCall } from './support/calls';

/** Fields that only some choices of their node look at; those choices. */
const NEEDS: Record<string, Record<string, unknown>> = {
  'sip-transfer consultCall': { kind: 'attended' },
  'sip-transfer target': { kind: 'blind' },
  'sip-reject contact': { statusCode: '302', statusCodeType: 'num' },
  'sip-request target': { inside: false },
};
/** What has to be filled in besides. */
const FILLED: Record<string, Record<string, unknown>> = {
  'sip-play-audio': { source: 'silence' },
  'sip-send-dtmf': { digits: '1' },
  'sip-make-call': { target: '1002' },
  'sip-dial': { target: '1002' },
  'sip-request': { body: 'x' },
};

/** A node for each field that can be computed, with that field as given; ids are "<type> <field>". */
function oneFieldEach(value: string, type: string): FlowNode[] {
  const withInput = nodeSets().filter(({ definition }) => (definition.inputs ?? 0) > 0);
  return withInput.flatMap(({ type: nodeType, definition }) => {
    // The editor's values come from a context of their own, whose arrays are foreign here.
    const usual = structuredClone(
      Object.fromEntries(Object.entries(definition.defaults).map(([name, field]) => [name, field.value])),
    ) as Record<string, unknown>;
    const computed = Object.keys(usual).filter((name) => `${name}Type` in usual);
    return computed.map((field) => ({
      ...usual,
      ...FILLED[nodeType],
      ...NEEDS[`${nodeType} ${field}`],
      id: `${nodeType} ${field}`,
      type: nodeType,
      instance: 'phone1001',
      [field]: value,
      [`${field}Type`]: type,
      wires: [['out'], ['out'], ['out'], ['out']],
    }));
  });
}

/** Any text is a reason, a file name, and many a one is a pattern. */
const ANY_TEXT = [
  'sip-make-call fromName',
  'sip-dial fromName',
  'sip-reject reason',
  'sip-record file',
  'sip-receive-dtmf pattern',
  'sip-request body',
  'sip-conference room',
];
/** Objects and lists go out as JSON. */
const ANY_VALUE = ['sip-request body'];
/** Fields that count for an incoming call only. */
const INCOMING = ['sip-reject contact', 'sip-early-media source'];
/** What cannot be left blank, and how the nodes say so. */
const REQUIRED: Record<string, RegExp> = {
  'sip-make-call target': /^BAD_TARGET The target is empty/,
  'sip-dial target': /^BAD_TARGET There must be 1 to 16 targets/,
  'sip-play-audio source': /^BAD_AUDIO There is nothing to play: fill in the source/,
  'sip-listen reference': /^BAD_AUDIO There is nothing to listen for/,
  'sip-send-dtmf digits': /^BAD_DIGITS There are no digits/,
  'sip-transfer target': /^BAD_TARGET The target is empty/,
  'sip-reject contact': /^BAD_CONFIG .*"contact"/,
};
/** How the sentence of an error names the field, when not in quotation marks. */
const NAMED: Record<string, RegExp> = {
  BAD_TARGET: /^The target/,
  BAD_DIGITS: /digit/i,
  FILE_NOT_FOUND: /file/i,
  BAD_AUDIO: /source|sound|audio/i,
};

describe('a wrong value in every field of every node', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  /** Sends each node a message with an answered call, and requires an error and nothing else. */
  const refused = async (
    nodes: FlowNode[],
    extra: object,
    expect: (id: string, code: string, message: string) => void,
  ): Promise<void> => {
    const { caller } = await answeredCall(bench, ...nodes, {
      id: 'info',
      type: 'sip-call-info',
      wires: [['told']],
    });
    for (const { id } of nodes) {
      bench.send(id, { call: caller, ...extra });
      const { source, code = '', message } = errorOf(await bench.next('errors'));
      assert.equal(source.id, id);
      expect(id, code, message);
      await bench.statusOf(id, [/^setting \w+|:short\.[A-Z_]+$/]);
    }
    assert.equal(bench.count('out'), 0);
    assert.equal(bench.count('errors'), nodes.length);
    bench.send('info', { call: caller });
    assert.equal(((await bench.next('told')).callInfo as { state: string }).state, 'answered');
  };

  /** The sentence names the field. */
  const names = (id: string, code: string, message: string): void => {
    const [, field] = id.split(' ');
    assert.match(
      message,
      message.includes(`"${field}"`) ? /./ : (NAMED[code] ?? /^never$/),
      `${id}: ${message}`,
    );
  };

  it('tells of an environment variable that is not set', async () => {
    await refused(oneFieldEach('${SIPFLOW_TEST_UNSET}', 'str'), {}, (id, code, message) => {
      assert.equal(code, 'BAD_CONFIG', `${id}: ${message}`);
      assert.match(message, /SIPFLOW_TEST_UNSET/, id);
      names(id, code, message);
    });
  });

  it('tells of text that makes no sense', async () => {
    const nodes = oneFieldEach('§ no such thing', 'str').filter(
      ({ id }) => !ANY_TEXT.includes(id) && !INCOMING.includes(id),
    );
    await refused(nodes, {}, (id, code, message) => {
      assert.match(
        code,
        /^(BAD_CONFIG|BAD_TARGET|BAD_DIGITS|BAD_AUDIO|FILE_NOT_FOUND|CALL_UNKNOWN)$/,
        `${id}: ${message}`,
      );
      names(id, code, message);
    });
  });

  it('tells of text that makes no sense where it counts for a ringing call, which goes on ringing', async () => {
    for (const text of ['§ no such thing', 'sip:1003@example.com>\r\nX-Forged: yes']) {
      const nodes = oneFieldEach(text, 'str').filter(({ id }) => INCOMING.includes(id));
      assert.equal(nodes.length, INCOMING.length);
      const pick = { id: 'pick', type: 'sip-answer', wires: [['picked'], []] };
      const { callee } = await ringingCall(bench, ...nodes, pick);
      for (const { id } of nodes) {
        bench.send(id, { call: callee });
        const { code = '', message } = errorOf(await bench.next('errors'));
        assert.match(code, /^(BAD_CONFIG|FILE_NOT_FOUND|BAD_AUDIO)$/, message);
        names(id, code, message);
      }
      bench.send('pick', { call: callee });
      await bench.next('picked');
      await bench.unload();
    }
  });

  for (const [what, wrong] of [
    ['an object', { an: ['object'], 'not a header': {} }],
    ['a list', [1, { a: 2 }]],
  ] as const) {
    it(`tells of ${what} in the message where a field wants text, a number or a call`, async () => {
      const nodes = oneFieldEach('wrong', 'msg').filter(({ id }) => !ANY_VALUE.includes(id));
      await refused(nodes, { wrong }, (id, code, message) => {
        assert.match(code, /^(BAD_CONFIG|BAD_AUDIO|CALL_UNKNOWN)$/, `${id}: ${message}`);
        if (!/"not a header"/.test(message)) names(id, code, message);
      });
    });
  }

  it('tells of a property that the message does not have', async () => {
    await refused(oneFieldEach('nothing.there', 'msg'), {}, (id, code, message) => {
      assert.equal(code, 'BAD_CONFIG', `${id}: ${message}`);
      assert.match(message, /reads msg\.nothing\.there/);
      names(id, code, message);
    });
  });

  it('tells of a required field that is blank', async () => {
    const nodes = oneFieldEach('', 'str').filter(({ id }) => id in REQUIRED);
    assert.equal(nodes.length, Object.keys(REQUIRED).length);
    await refused(nodes, {}, (id, code, message) => {
      assert.match(`${code} ${message}`, REQUIRED[id] ?? /^never$/, id);
    });
  });
});
