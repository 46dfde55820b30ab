import { expect, FlowBuilder, type FlowNode } from '../cli/support/flow-builder';

/** A call of the tester: the number with its fault, or `good`. */
export interface Call {
  readonly name: string;
  readonly to: string;
}

/** Calls at the same time; their audio has to fit into the machine. */
const AT_ONCE = 6;

/** Checks before the digit is sent, and at the end of the call. */
const ON_ANSWER = expect(
  ['status', 'is', 200],
  ['codec', 'is', 'PCMU'],
  ['methods', 'is', 'INVITE 180 200 ACK'],
  ['setupMs', 'lt', 1200],
  ['header', 'is', 'T-1', 'X-Ticket'],
  ['sdp', 'contains', 'a=ptime:20'],
  ['transport', 'is', 'udp'],
);
const AT_THE_END = expect(
  ['audio', 'is', 'both'],
  ['lossPercent', 'lt', 2],
  ['jitterMs', 'lt', 20],
  ['digits', 'is', '47'],
  ['gapMs', 'gte', 50],
  ['digitMs', 'between', [60, 200]],
  ['levelDbfs', 'gt', -45],
  ['recordingHas', 'gte', 0.3, 'sipflow:welcome'],
  ['durationMs', 'between', [2500, 4400]],
  ['endedBy', 'is', 'remote'],
  ['header', 'contains', 'done', 'Reason'],
);

/** The flow of one test case, a row for each call: dials, presses 1, records what it hears, and waits for the end. */
export function testerFlow(calls: readonly Call[]): FlowNode[] {
  const flow = new FlowBuilder();
  const instance = flow.phone('tester', {
    mode: 'network',
    bindAddress: '127.0.0.1',
    port: '0',
    codecs: ['PCMU', 'PCMA', 'G722'],
    maxCalls: '200',
    // A machine with other work delays packets; what is heard must not have gaps for it.
    jitterBuffer: 'fixed',
    jitterDelayMs: '250',
    rtpPortMin: '44000',
    rtpPortMax: '46000',
  });
  const rows = { rows: JSON.stringify(calls), rowsType: 'json', rowsAtOnce: String(AT_ONCE) };
  const [end] = flow.chain([{ type: 'sip-test-end', name: 'End' }]);
  const [last] = flow.chain([{ ...AT_THE_END, name: 'At the end', wires: [[end], []] }]);
  const [wait] = flow.chain([
    {
      type: 'sip-wait',
      name: 'Wait for the end',
      event: 'ended',
      timeout: '7',
      timeoutType: 'num',
      wires: [[last], [end], [last]],
    },
  ]);
  const [press] = flow.chain([
    { type: 'sip-send-dtmf', name: 'Press 1', digits: '1', digitsType: 'str', wires: [[wait], [last]] },
  ]);
  const [record] = flow.chain([
    {
      type: 'sip-record',
      name: 'Record',
      file: '{{call}}.wav',
      fileType: 'str',
      channels: 'received',
      wires: [[], [], []],
    },
  ]);
  const [first] = flow.chain([{ ...ON_ANSWER, name: 'On answer', wires: [[record, press], []] }]);
  const [dial] = flow.chain([
    {
      type: 'sip-make-call',
      name: 'Call',
      instance,
      target: 'row.to',
      targetType: 'msg',
      ringTimeout: '4',
      ringTimeoutType: 'num',
      wires: [[first], [], [first]],
    },
  ]);
  flow.chain([
    {
      type: 'sip-test-case',
      title: 'A call',
      timeout: '20',
      sharedPhones: true,
      ...rows,
      wires: [[dial], [], []],
    },
  ]);
  return flow.nodes;
}
