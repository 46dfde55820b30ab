import assert from 'node:assert/strict';
import { nodeSets } from '../package/support/editor';
import { Bench, errorOf, type FlowNode } from './support/bench';
import { answeredCall } from './support/calls';

/** Fields that only some choices of their node look at; those choices. */
const NEEDS: Record<string, Record<string, unknown>> = {
  'sip-transfer consultCall': { kind: 'attended' },
  'sip-transfer target': { kind: 'blind' },
  'sip-reject contact': { statusCode: '302', statusCodeType: 'num' },
};
/** What has to be filled in besides. */
const FILLED: Record<string, Record<string, unknown>> = {
  'sip-play-audio': { source: 'silence' },
  'sip-send-dtmf': { digits: '1' },
  'sip-make-call': { target: '1002' },
};
const WITH_INPUT = nodeSets().filter(({ definition }) => (definition.inputs ?? 0) > 0);

/** One node for each field that can be computed, with that field as given. */
function oneFieldEach(value: string, type: string): FlowNode[] {
  return WITH_INPUT.flatMap(({ type: nodeType, definition }) => {
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
      wires: [],
    }));
  });
}

describe('bad input', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  const errorsOf = async (
    nodes: FlowNode[],
    extra: object,
  ): Promise<Map<string, { code?: string; message: string }>> => {
    const { caller } = await answeredCall(bench, ...nodes);
    const errors = new Map<string, { code?: string; message: string }>();
    for (const { id } of nodes) {
      bench.send(id, { call: caller, ...extra });
      const error = errorOf(await bench.next('errors'));
      errors.set(error.source.id, error);
    }
    return errors;
  };

  it('names the variable that is not set, in every field of every node', async () => {
    const nodes = oneFieldEach('${SIPFLOW_TEST_UNSET}', 'str');
    const errors = await errorsOf(nodes, {});
    for (const { id } of nodes) {
      assert.equal(errors.get(id)?.code, 'BAD_CONFIG', `${id}: ${errors.get(id)?.message}`);
      assert.match(errors.get(id)?.message ?? '', /SIPFLOW_TEST_UNSET/, id);
    }
  });

  it('refuses an object where a field wants text, a number or a call', async () => {
    const nodes = oneFieldEach('wrong', 'msg');
    const errors = await errorsOf(nodes, { wrong: { an: ['object'], 'not a header': {} } });
    for (const { id } of nodes) {
      const { code, message } = errors.get(id) ?? {};
      assert.match(
        code ?? '',
        /^(BAD_CONFIG|BAD_TARGET|BAD_DIGITS|BAD_AUDIO|CALL_UNKNOWN)$/,
        `${id}: ${message}`,
      );
    }
  });
});
