import type { CallRef } from '../calls';
import { type Clock, SafeEmitter, settledWithin, SipflowError, systemClock, TurnoverMap } from '../common';
import { TestAttempt } from './attempt/attempt';
import type { AttemptHost } from './attempt/attempt-host';
import type { AnyCall } from './attempt/conclusion';
import { CallOwners } from './call-owners';
import { TEST_LIMITS } from './limits';
import type { CaptureSettings } from './attempt/save-captures';
import { LeanAttempts } from './lean-attempts';
import { newMark } from './marks';
import { PhoneHolds, type TestPhone } from './phone-holds';
import { TestResults } from './results';
import { assertRows, assertTestCase, type TestCase } from './test-case';
import { assertRetries, type RowTry, type RunOptions, TestRun } from './test-run';
import type { Artefact, Attempt, Step, TestRef, Verdict } from './types';

export interface TestsEvents {
  /** A test case was defined or removed. */
  cases: [];
  /** An attempt holds its phones and begins. */
  begun: [test: TestRef, testCase: TestCase];
  /** A step of an attempt has finished. */
  step: [test: TestRef, step: Step];
  /** An attempt has ended; a failed one may be followed by a retry. */
  attempt: [attempt: Attempt, testCase: TestCase];
  verdict: [verdict: Verdict];
  /** A call has come in on a phone that is held, and belongs to no attempt. */
  stray: [call: AnyCall];
  /** Something that came too late to count, as a sentence. */
  warning: [test: TestRef, message: string];
}

/** Values that hold for every run, whatever the test cases say. */
export interface TestSettings {
  /** Retries of a failed row. */
  retries?: number;
  /** Seconds that an attempt may take. */
  timeout?: number;
  /** Whether every call of an attempt is recorded, both sides in stereo, in the folder of its phone. */
  record?: boolean;
  /** Where pcap files of calls are written, for those whose phone has `capture`; nowhere when absent. */
  captures?: CaptureSettings;
}

/**
 * Makes files for an attempt that has been judged, within what is left of the five seconds after its end; then it is
 * reported without them. What it throws is ignored.
 */
export type ArtefactCollector = (attempt: Attempt, testCase: TestCase) => Promise<Artefact[]> | Artefact[];

export interface TestsOptions {
  /** The system's when absent. */
  clock?: Clock;
}

/** How long a retry waits until the calls on its phones are over. */
const CLEAN_SLATE_MS = 3000;
/** Recordings of calls, inside the recordings folder of their phone. */
const RECORDING = 'tests/{{timestamp}}-{{from}}-{{to}}-{{call}}';

/** The test cases of a process, what runs of them, and the verdicts that came of it. */
export class Tests extends SafeEmitter<TestsEvents> {
  readonly results = new TestResults();
  /** Values that hold for every run from now on, whatever the test cases say. */
  settings: TestSettings = {};
  readonly #clock: Clock;
  readonly #cases = new Map<string, { testCase: TestCase; runs: Set<TestRun> }>();
  readonly #phones = new PhoneHolds<TestAttempt>((phone, call) => this.#callBegan(phone, call));
  readonly #collectors = new Set<ArtefactCollector>();
  /** Attempts by id: those that are not over, and the latest that are. */
  readonly #attempts = new TurnoverMap<string, TestAttempt>();
  readonly #ended = new TurnoverMap<string, TestAttempt>();
  /**
   * Who waits for the outcome of an attempt. Not kept by the attempt itself: an ended one is remembered, and would keep
   * all of its evidence with it.
   */
  readonly #waiting = new Map<TestAttempt, (outcome: Attempt) => void>();
  readonly #owners = new CallOwners();
  readonly #host: AttemptHost;
  readonly #prefix = newMark().slice(0, 12);
  #count = 0;

  constructor({ clock = systemClock }: TestsOptions = {}) {
    super();
    this.#clock = clock;
    const captures = (): CaptureSettings | undefined => this.settings.captures;
    this.#host = {
      clock,
      get captures() {
        return captures();
      },
      begun: (attempt) => this.#begun(attempt),
      stepped: ({ ref }, step) => this.emit('step', ref, step),
      joined: (attempt, call) => this.#joined(attempt, call),
      watchesAudio: true,
      keepsMessages: () => true,
      phoneName: (attempt, id) => this.#phoneName(attempt, id),
      left: (attempt, call) => this.#owners.left(attempt, call),
      late: ({ ref }, message) => this.emit('warning', ref, message),
      collect: (attempt, testCase) =>
        this.#collectors.size === 0 ? undefined : this.#collect(attempt, testCase),
      done: (attempt, outcome) => this.#done(attempt, outcome, { isTold: true }),
    };
  }

  /** The test cases that are defined, in the order in which they were. */
  get cases(): readonly TestCase[] {
    return [...this.#cases.values()].map(({ testCase }) => testCase);
  }

  /**
   * Makes a test case known. One with the same id takes its place.
   *
   * @returns a function that removes it and stops its runs
   * @throws SipflowError BAD_CONFIG whose `field` is the value that is wrong
   */
  define(testCase: TestCase): () => void {
    assertTestCase(testCase);
    const entry = { testCase, runs: new Set<TestRun>() };
    this.#cases.set(testCase.id, entry);
    this.emit('cases');
    return () => {
      for (const run of entry.runs) run.stop('The test case is gone.');
      if (this.#cases.get(testCase.id) !== entry) return;
      this.#cases.delete(testCase.id);
      this.emit('cases');
    };
  }

  /**
   * Runs a test case, once or for each row of a table.
   *
   * @throws SipflowError BAD_CONFIG for a test case or rows that cannot run
   */
  run(testCase: TestCase, options: RunOptions = {}): TestRun {
    if (this.#cases.get(testCase.id)?.testCase !== testCase) assertTestCase(testCase);
    const rows = assertRows(options.rows);
    const mine = new Set<TestAttempt>();
    const run = new TestRun(testCase, rows, options, {
      clock: this.#clock,
      retries: assertRetries(this.settings.retries ?? testCase.retries),
      newId: () => this.#newId(),
      attempt: (what) => this.#attempt(testCase, what, mine),
      verdict: (verdict) => {
        this.results.add(verdict);
        this.emit('verdict', verdict);
      },
      stopAttempts: (message) => {
        for (const attempt of mine) attempt.stop(message);
      },
    });
    const runs = this.#cases.get(testCase.id)?.runs;
    runs?.add(run);
    void run.finished.then(() => runs?.delete(run));
    return run;
  }

  /**
   * Attempts of a test case that somebody else starts, any number at once on shared phones: the runs of a load. They cost
   * little: no retries, no verdict that is kept, no event, and messages of calls only where they are asked for.
   */
  lean(testCase: TestCase): LeanAttempts {
    const phones = testCase.phones();
    const shared: TestCase = { ...testCase, sharedPhones: true, phones: () => phones };
    return new LeanAttempts(
      (what, watch) => {
        const host: AttemptHost = {
          ...this.#host,
          captures: undefined,
          watchesAudio: false,
          begun: (attempt) => this.#owners.begun(attempt),
          stepped: () => undefined,
          joined: (attempt, call, beganMs) => {
            this.#owners.joined(attempt, call);
            watch.joined(call, beganMs);
          },
          keepsMessages: watch.keepsMessages,
          collect: () => undefined,
          done: (attempt, outcome) => this.#done(attempt, outcome, { isTold: false }),
        };
        return this.#attempt(shared, what, watch.running, host);
      },
      () => this.#clock.now(),
    );
  }

  /**
   * Runs the case with that id as its button would.
   *
   * @throws SipflowError BAD_CONFIG when there is no such case, or none that can be started this way
   */
  async trigger(id: string): Promise<Verdict[]> {
    const testCase = this.#cases.get(id)?.testCase;
    if (testCase?.trigger) return testCase.trigger();
    throw new SipflowError(
      'BAD_CONFIG',
      `There is no test case "${id.slice(0, 80)}" that could be started.`,
      {
        field: 'id',
      },
    );
  }

  /**
   * The attempt that something belongs to: by its `msg.test`, else by its call. One that has ended is found too, so
   * that what comes late is not taken for something outside of tests; ask it whether it is `over`.
   *
   * @param what.test `msg.test`, whatever it is
   * @param what.call a CallRef or the id of a call, whatever it is
   */
  attemptOf(what: { test?: unknown; call?: unknown }): TestAttempt | undefined {
    const { test, call } = what;
    if (isTestRef(test)) {
      const known = this.#attempts.get(test.id) ?? this.#ended.get(test.id);
      if (known) return known;
    }
    const id = typeof call === 'string' ? call : isCallRef(call) ? call.id : undefined;
    return id === undefined ? undefined : this.#owners.of(id);
  }

  /** The attempts that run now; with a phone those that have it, alone or with others. */
  running(phone?: TestPhone): TestAttempt[] {
    return [...this.#attempts.values()].filter(
      (attempt) => attempt.state === 'running' && (!phone || this.#phones.has(attempt, phone)),
    );
  }

  /** Adds a collector of files. Returns a function that removes it. */
  addCollector(collector: ArtefactCollector): () => void {
    this.#collectors.add(collector);
    return () => this.#collectors.delete(collector);
  }

  async #attempt(
    testCase: TestCase,
    { row, values, attempt: number }: RowTry,
    mine: Set<TestAttempt>,
    host = this.#host,
  ): Promise<Attempt | undefined> {
    const ref: TestRef = {
      type: 'sip-test',
      id: this.#newId(),
      case: testCase.id,
      title: testCase.title,
      attempt: number,
      ...(row === undefined ? {} : { row }),
    };
    const mark = testCase.marks ? newMark() : undefined;
    const timeoutMs = 1000 * (this.settings.timeout ?? testCase.timeout);
    return new Promise((resolve) => {
      const attempt = new TestAttempt(ref, testCase, mark, values, timeoutMs, host);
      mine.add(attempt);
      this.#attempts.set(ref.id, attempt);
      this.#waiting.set(attempt, (outcome) => {
        mine.delete(attempt);
        resolve(attempt.hasBegun || outcome.reason?.code !== 'STOPPED' ? outcome : undefined);
      });
      this.#beginWithPhones(attempt);
    });
  }

  #beginWithPhones(attempt: TestAttempt): void {
    const { testCase, ref } = attempt;
    try {
      const phones = testCase.phones();
      this.#phones.take(attempt, phones, !testCase.sharedPhones, () => {
        if (ref.attempt === 1 || testCase.sharedPhones) attempt.begin();
        else void this.#cleared(phones).then(() => attempt.begin());
      });
    } catch (error) {
      attempt.uncaught(error, testCase.node);
    }
  }

  /** Hangs up what is left on the phones of a retry. */
  async #cleared(phones: readonly TestPhone[]): Promise<void> {
    const calls = phones.flatMap((phone) => phone.calls);
    if (calls.length === 0) return;
    await settledWithin(this.#clock, Promise.all(calls.map((call) => call.hangup())), CLEAN_SLATE_MS);
  }

  #begun(attempt: TestAttempt): void {
    this.#owners.begun(attempt);
    this.emit('begun', attempt.ref, attempt.testCase);
  }

  /** Whose call is it? By its mark, else by its Call-ID, else the phone's, when one attempt holds that alone. */
  #callBegan(phone: TestPhone, call: AnyCall): void {
    const marking = this.#owners.marking(call);
    const counts = marking?.state === 'running' && this.#phones.has(marking, phone);
    const attempt = (counts ? marking : this.#owners.sharing(call)) ?? this.#phones.ownerOf(phone);
    if (attempt) attempt.adopt(call);
    else if (call.direction === 'in') this.emit('stray', call);
  }

  #joined(attempt: TestAttempt, call: AnyCall): void {
    this.#owners.joined(attempt, call);
    if (this.settings.record) record(call);
  }

  #phoneName(attempt: TestAttempt, id: string): string | undefined {
    const options = this.#phones.of(attempt).find((phone) => phone.id === id)?.options;
    return options && (options.name || options.number);
  }

  async #collect(attempt: Attempt, testCase: TestCase): Promise<Artefact[]> {
    const found = await Promise.all(
      [...this.#collectors]
        .map(async (collect) => collect(attempt, testCase))
        .map((each) => each.catch(() => [])),
    );
    return found.flat();
  }

  #done(attempt: TestAttempt, outcome: Attempt, { isTold }: { isTold: boolean }): void {
    const { ref } = attempt;
    this.#attempts.delete(ref.id);
    this.#ended.set(ref.id, attempt);
    if (this.#ended.size > TEST_LIMITS.endedAttempts) this.#ended.delete(this.#ended.first()?.[0] ?? '');
    this.#owners.ended(attempt);
    this.#phones.release(attempt);
    if (isTold && attempt.hasBegun) this.emit('attempt', outcome, attempt.testCase);
    this.#waiting.get(attempt)?.(outcome);
    this.#waiting.delete(attempt);
  }

  #newId(): string {
    return `${this.#prefix}-${(this.#count += 1)}`;
  }
}

/** Records both sides of a call as soon as it has media; a recording that cannot begin is missing in the report. */
function record(call: AnyCall): void {
  const begin = (): void => void call.record({ file: RECORDING, channels: 'stereo' }).catch(() => undefined);
  if (call.state === 'early-media' || call.state === 'answered') begin();
  else call.on('mediaReady', begin);
}

/** Whether a value is a `msg.test`. */
export function isTestRef(value: unknown): value is TestRef {
  return isObject(value) && value.type === 'sip-test' && typeof value.id === 'string';
}

function isCallRef(value: unknown): value is CallRef {
  return isObject(value) && value.type === 'sip-call' && typeof value.id === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
