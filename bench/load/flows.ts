interface StoredNode {
  id: string;
  type: string;
  [field: string]: unknown;
}

/** Nodes one behind the other on a tab, from a test case to its end. */
function chain(nodes: readonly { type: string; [field: string]: unknown }[], prefix: string): StoredNode[] {
  return nodes.map((node, index) => ({
    z: 'tab',
    wires: index + 1 < nodes.length ? [[`${prefix}${index + 1}`]] : [],
    ...node,
    id: `${prefix}${index}`,
  }));
}

const ANSWERED = {
  type: 'sip-expect',
  checks: [{ subject: 'answered', operator: 'is', value: 'true', valueType: 'bool', severity: 'error' }],
};
const TAB = { id: 'tab', type: 'tab', label: 'Load' };

function caller(fields: object, target: string, then: readonly { type: string }[]): StoredNode[] {
  const steps = [
    { type: 'sip-test-case', title: 'a call', timeout: '30' },
    { type: 'sip-make-call', instance: 'caller', target, targetType: 'str' },
    ANSWERED,
    ...then,
    { type: 'sip-hangup' },
    { type: 'sip-test-end' },
  ];
  return [{ id: 'caller', type: 'sip-instance', dn: '1001', ...fields }, ...chain(steps, 'c')];
}

/** A call to a phone of the network that is checked and ended at once. */
export function callFlow(target: string): StoredNode[] {
  const network = { mode: 'network', bindAddress: '127.0.0.1', port: '0' };
  return [TAB, ...caller(network, target, [])];
}

/** A call to a phone of the network that is played a file. */
export function playingFlow(target: string, source: string): StoredNode[] {
  const network = { mode: 'network', bindAddress: '127.0.0.1', port: '0' };
  return [
    TAB,
    ...caller(network, target, [{ type: 'sip-play-audio', source, sourceType: 'str' } as { type: string }]),
  ];
}

/** A call between two phones of the simulation with audio both ways for so long. */
export function audioFlow(seconds: number): StoredNode[] {
  const wait = { type: 'delay', pauseType: 'delay', timeout: String(seconds), timeoutUnits: 'seconds' };
  const callee = [{ type: 'sip-incoming-call', instance: 'callee' }, { type: 'sip-answer' }];
  return [
    TAB,
    ...caller({ mode: 'simulation' }, '1002', [wait]),
    { id: 'callee', type: 'sip-instance', dn: '1002', mode: 'simulation' },
    ...chain(callee, 'a'),
  ];
}
