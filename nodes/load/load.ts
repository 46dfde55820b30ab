import type { NodeAPI } from 'node-red';
import { SipflowError, toSipflowError } from '../../lib/common';
import type { LoadReport, LoadSample } from '../../lib/load';
import type { FlowMessage, Send, SipNodeDef } from '../shared/flow-types';
import { afterFlowsStarted } from '../shared/flows-started';
import { localised } from '../shared/localise';
import { Fields } from '../shared/message-fields';
import { onInput, until } from '../shared/on-input';
import { sendFinal, sendNews } from '../shared/outputs';
import { own } from '../shared/own';
import { NodeStatus } from '../shared/status';
import { LOAD_TABLE, rowsOf } from '../test-case/rows';
import { type LoadNode, serveLoads } from './button';
import { loadFields } from './fields';
import { planOf, settingsOf } from './plan';
import { caseOf, runCase } from './run-case';
import { sampleText, showReport } from './show';

const OUTPUT = { finished: 0, sample: 1 };

export = (RED: NodeAPI): void => {
  serveLoads(RED);

  /** Runs a test case many times by a schedule, and reports on it. */
  function SipLoadNode(this: LoadNode, config: SipNodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new NodeStatus(this);
    const fields = new Fields(RED, this, loadFields, config);
    let running: { stop: AbortController; over: Promise<unknown> } | undefined;
    this.isRunning = () => running !== undefined;
    let fault: SipflowError | undefined;
    try {
      settingsOf(fields);
    } catch (error) {
      fault = toSipflowError(error);
      status.failed(fault);
      afterFlowsStarted(RED, () => this.error(localised(error), {}));
    }

    const load = async (msg: FlowMessage, send: Send, signal: AbortSignal): Promise<LoadReport> => {
      const rows = await rowsOf(await fields.rows('rows', msg), RED.settings, LOAD_TABLE);
      const testCase = caseOf(fields.nodeId('case'));
      const plan = planOf(settingsOf(fields), testCase);
      const activity = status.begin('running');
      let failed = 0;
      const onSample = (sample: LoadSample): void => {
        failed += sample.failed;
        activity.set('running', sampleText(sample, failed));
        sendNews(RED, send, OUTPUT.sample, msg, { load: sample });
      };
      try {
        return await runCase({ testCase, plan, signal, onSample, ...(rows ? { rows } : {}) });
      } finally {
        activity.end();
      }
    };

    onInput(this, status, async (msg, send, signal) => {
      if (msg.action === 'stop') return running?.stop.abort();
      if (fault) throw fault;
      if (running)
        throw new SipflowError('CALL_STATE', 'The load is running already: wait for its end, or stop it.');
      // A load that a test starts is no part of that: its attempts are tests of their own.
      delete msg.test;
      const stop = new AbortController();
      const over = load(msg, (sent) => void (signal.aborted || send(sent)), stop.signal);
      running = { stop, over };
      try {
        const report = await until(signal, over);
        showReport(status, report);
        msg.load = own(report);
        sendFinal(send, OUTPUT.finished, msg);
      } finally {
        if (!signal.aborted) running = undefined;
      }
    });

    // The calls of a load end before the phones do.
    this.on('close', (done: () => void) => {
      running?.stop.abort();
      void Promise.allSettled([running?.over]).then(() => done());
    });
  }

  RED.nodes.registerType('sip-load', SipLoadNode);
};
