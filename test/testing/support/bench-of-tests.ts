import type { CallInfo, CallRecording, DigitEvent, IncomingCall, TracedMessage } from '../../../lib/calls';
import { SafeEmitter } from '../../../lib/common/emitter';
import { Tests, type TestAttempt, type TestCase, type TestPhone } from '../../../lib/testing';
import type { Attempt, Check, TestRef, Verdict } from '../../../lib/testing';
import { FakeClock } from '../../support/fake-clock';

export const NODE = { id: 'n1', name: 'Menu', type: 'sip-test-case' };
export const END = { id: 'n9', name: '', type: 'sip-test-end' };

const INFO: CallInfo = {
  state: 'answered',
  direction: 'in',
  codec: 'PCMU',
  dtmfMethod: 'rfc4733',
  srtp: false,
  startedAt: '2026-11-22T22:15:30.000Z',
  answeredAt: '2026-11-22T22:15:31.000Z',
  endedAt: null,
  durationMs: 1000,
  endedBy: null,
  status: 200,
  reason: 'OK',
  headers: {},
  rtp: null,
  mos: null,
};

/** A call as the tests see it, without any network. */
export class FakeCall extends SafeEmitter<{ ended: []; mediaReady: [] }> {
  state = 'answered';
  holdsPorts = false;
  hangups = 0;
  /** Whether hanging up works. */
  ends = true;
  lastSip: { event: string; headers?: Record<string, string[]> } = { event: 'incoming' };
  receivedDigits: DigitEvent[] = [];
  recordings: CallRecording[] = [];
  messages: TracedMessage[] = [];

  constructor(
    readonly id: string,
    readonly callId = `${id}@wire`,
    readonly direction: 'in' | 'out' = 'in',
  ) {
    super();
  }

  get ref() {
    const { id, callId, direction } = this;
    return {
      type: 'sip-call',
      id,
      instance: 'p1',
      direction,
      callId,
      from: 'sip:1001@a',
      to: 'sip:1002@b',
    } as const;
  }

  marked(mark: string | undefined): this {
    if (mark !== undefined) this.lastSip.headers = { 'X-Sipflow-Test': [mark] };
    return this;
  }

  info(): Promise<CallInfo> {
    return Promise.resolve({ ...INFO, state: this.state as CallInfo['state'] });
  }

  trace(): TracedMessage[] {
    return this.messages;
  }

  hangup(): Promise<void> {
    this.hangups += 1;
    if (!this.ends) return new Promise(() => undefined);
    if (this.state !== 'ended') {
      this.state = 'ended';
      this.emit('ended');
    }
    return Promise.resolve();
  }

  asCall(): IncomingCall {
    return this as unknown as IncomingCall;
  }
}

/** A phone as the tests see it. */
export class FakePhone extends SafeEmitter<{ call: [call: IncomingCall] }> {
  readonly live: FakeCall[] = [];

  constructor(readonly id: string) {
    super();
  }

  get options(): { name: string; number: string } {
    return { name: '', number: this.id };
  }

  get calls(): IncomingCall[] {
    return this.live.filter(({ state }) => state !== 'ended').map((call) => call.asCall());
  }

  /** A call begins on it. */
  rings(call: FakeCall): FakeCall {
    this.live.push(call);
    this.emit('call', call.asCall());
    return call;
  }

  /** How many listen to its calls. */
  get listeners(): number {
    return this.listenerCount('call');
  }

  asPhone(): TestPhone {
    return this as unknown as TestPhone;
  }
}

/** Tests under a clock that stands still, and what they have told. */
export class TestBench {
  readonly clock = new FakeClock();
  readonly tests = new Tests({ clock: this.clock });
  readonly begun: TestRef[] = [];
  readonly attempts: Attempt[] = [];
  readonly warnings: string[] = [];

  constructor() {
    this.tests.on('begun', (ref) => this.begun.push(ref));
    this.tests.on('attempt', (attempt) => this.attempts.push(attempt));
    this.tests.on('warning', (_, message) => this.warnings.push(message));
  }

  /** A test case that does nothing by itself. */
  case(overrides: Partial<TestCase> = {}): TestCase {
    return {
      id: 'menu',
      title: 'The menu answers',
      tags: ['ivr'],
      node: NODE,
      timeout: 60,
      retries: 0,
      rowsAtOnce: 1,
      sharedPhones: false,
      marks: true,
      phones: () => [],
      start: () => undefined,
      ...overrides,
    };
  }

  /** The attempt that was begun last. */
  get attempt(): TestAttempt {
    const found = this.tests.attemptOf({ test: this.begun.at(-1) });
    if (!found) throw new Error('no attempt was begun');
    return found;
  }

  /** Lets all promises go on that need no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Runs a case that ends as `act` makes it end. */
  async verdictOf(act: (attempt: TestAttempt) => void, overrides: Partial<TestCase> = {}): Promise<Verdict> {
    const run = this.tests.run(this.case(overrides));
    await this.settle();
    act(this.attempt);
    const [verdict] = await run.finished;
    return verdict;
  }
}

export function check(ok: boolean, overrides: Partial<Check> = {}): Check {
  return {
    node: { id: 'n5', name: 'Codec', type: 'sip-expect' },
    atMs: 0,
    what: 'codec',
    operator: 'is',
    wanted: 'PCMU',
    got: ok ? 'PCMU' : 'PCMA',
    ok,
    severity: 'error',
    ...overrides,
  };
}
