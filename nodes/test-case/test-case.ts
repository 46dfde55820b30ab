import type { NodeAPI } from 'node-red';
import { SipflowError, toSipflowError } from '../../lib/common';
import {
  processTests,
  type PreparedCase,
  type RunOptions,
  type TestCase,
  type Verdict,
} from '../../lib/testing';
import type { FlowMessage, Send, SipNodeDef } from '../shared/flow-types';
import { afterFlowsStarted } from '../shared/flows-started';
import { localised } from '../shared/localise';
import { Fields } from '../shared/message-fields';
import { nameOf } from '../shared/node-name';
import { onInput, until } from '../shared/on-input';
import { sendFinal, sendNews } from '../shared/outputs';
import { own } from '../shared/own';
import { calmStatuses, NodeStatus } from '../shared/status';
import { watchErrors } from '../shared/test-errors';
import { world } from '../shared/world';
import { serveTestCases, type TestCaseNode } from './button';
import { testCaseFields } from './fields';
import { phonesOf } from './phones';
import { LOAD_TABLE, rowsOf, type Row } from './rows';
import { settingsOf, UNSET, unsetOf } from './settings';
import { showOutcome, showProgress } from './show';

const OUTPUT = { start: 0, verdict: 1, done: 2 };

export = (RED: NodeAPI): void => {
  serveTestCases(RED);

  /** Starts the attempts of a test, and gives their verdicts. */
  function TestCaseNode(this: TestCaseNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, testCaseFields, config);
    const closing = new AbortController();
    /** The message that the running attempts are started with. */
    let current: { msg: FlowMessage; send: Send } | undefined;
    this.isRunning = () => current !== undefined;

    const readRows = async (msg: FlowMessage): Promise<Row[] | undefined> => {
      if (fault) throw fault;
      return rowsOf(await fields.rows('rows', msg), RED.settings);
    };

    /** Attempts of this case start from now on with a copy of `msg`, until the returned function is called. */
    const open = (msg: FlowMessage, send: Send): (() => void) => {
      if (current)
        throw new SipflowError('CALL_STATE', 'The test case is running already: wait for its end.');
      current = { msg, send };
      const stopWatching = watchErrors(RED);
      const activity = status.begin('running');
      const stopShowing = showProgress(activity, testCase);
      return () => {
        stopShowing();
        stopWatching();
        activity.end();
        current = undefined;
      };
    };

    const prepare = async (table: string | undefined): Promise<PreparedCase> => {
      const end = open({ _msgid: RED.util.generateId() }, (msg) => {
        if (!closing.signal.aborted) this.send(msg);
      });
      const endCalm = calmStatuses();
      const endLoad = (): void => {
        endCalm();
        end();
      };
      try {
        if (fault) throw fault;
        const rows =
          table === undefined
            ? await readRows({ _msgid: '' })
            : await rowsOf({ type: 'csv', value: table }, RED.settings, LOAD_TABLE);
        return { end: endLoad, media: () => world.load(), ...(rows ? { rows } : {}) };
      } catch (error) {
        endLoad();
        throw error;
      }
    };

    const run = async (msg: FlowMessage, send: Send, options: RunOptions): Promise<Verdict[]> => {
      const end = open(msg, send);
      try {
        const rows = await readRows(msg);
        testCase.phones();
        const running = processTests.run(testCase, { ...options, ...(rows ? { rows } : {}) });
        running.on('verdict', (verdict) => sendNews(RED, send, OUTPUT.verdict, msg, { verdict }));
        return await running.finished;
      } finally {
        end();
      }
    };

    const runAndReport = async (msg: FlowMessage, out: Send, options: RunOptions): Promise<Verdict[]> => {
      // A run that a deploy stops ends silently.
      const send: Send = (sent) => {
        if (!closing.signal.aborted) out(sent);
      };
      const verdicts = await run(msg, send, options);
      showOutcome(status, verdicts);
      msg.verdicts = own(verdicts);
      sendFinal(send, OUTPUT.done, msg);
      return verdicts;
    };

    const testCase: TestCase & { readRows(): Promise<Row[] | undefined> } = {
      ...UNSET,
      id: this.id,
      node: nameOf(this),
      phones: () => phonesOf(RED, this, fields.ids('phones')),
      start: (test, row) => {
        if (!current) return;
        const msg: FlowMessage = RED.util.cloneMessage(current.msg);
        sendFinal(current.send, OUTPUT.start, Object.assign(msg, own({ test, ...(row ? { row } : {}) })));
      },
      readRows: () => readRows({ _msgid: '' }),
      trigger: (options = {}) =>
        runAndReport({ _msgid: RED.util.generateId() }, (msg) => this.send(msg), options),
      prepare,
    };
    let fault: SipflowError | undefined;
    try {
      Object.assign(testCase, settingsOf(fields, this));
      this.on('close', processTests.define(testCase));
    } catch (error) {
      // It is known all the same, so that the command line can say what is wrong with it.
      fault = toSipflowError(error);
      status.failed(fault);
      afterFlowsStarted(RED, () => this.error(localised(error), {}));
      this.on('close', processTests.define(Object.assign(testCase, unsetOf(this, config.title))));
    }
    this.on('close', () => closing.abort());

    onInput(this, status, async (msg, send, signal) => {
      if (fault) throw fault;
      // What another test has sent starts this one all the same, which is then no part of that.
      delete msg.test;
      await until(signal, runAndReport(msg, send, { signal }));
    });
  }

  RED.nodes.registerType('sip-test-case', TestCaseNode);
};
