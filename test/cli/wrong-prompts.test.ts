import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Report } from '../../lib/testing';
import { CommandRun } from '../support/command-run';
import { undisturbed } from '../support/stall-watch';

const EXAMPLE = resolve(__dirname, '../../examples/14 - IVR regression test with a report.json');

type FlowNode = Record<string, unknown> & { type: string; name?: string; source?: string };

interface Fault {
  /** Row that shows it, by its key. */
  keys: string;
  change(play: FlowNode): void;
  /** What the failed check got; undefined when no prompt was heard. */
  got: string | undefined;
  /** What the step of the listening says instead. */
  says: RegExp;
  /** It is tried as often as the example says, and fails each time. */
  isRetried?: boolean;
}

const swapped: Readonly<Record<string, string>> = {
  'sipflow:welcome': 'sipflow:goodbye',
  'sipflow:goodbye': 'sipflow:welcome',
};

/** What a test that only looks whether something was heard lets pass. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'a tone instead of the menu': {
    keys: '1',
    change: (play) => {
      if (play.source === 'sipflow:menu') Object.assign(play, { source: 'tone:440', maxDuration: '2' });
    },
    got: undefined,
    says: /instead tone, for \d\.\d s/,
  },
  'the greeting for everything': {
    keys: '2',
    change: (play) => (play.source = 'sipflow:welcome'),
    got: 'welcome',
    says: /^welcome, score/,
  },
  'two prompts swapped': {
    keys: '1',
    change: (play) => (play.source = swapped[play.source ?? ''] ?? play.source),
    got: 'goodbye',
    says: /^goodbye, score/,
    isRetried: true,
  },
  'an announcement that is cut': {
    keys: '2',
    change: (play) => {
      if (play.source === 'sipflow:announcement') play.maxDuration = '0.45';
    },
    got: undefined,
    says: /instead speech, for 0\.\d s/,
  },
};

describe('example 14 turns red, and says what was heard instead, with', function () {
  this.timeout(90_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-prompts-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [title, fault] of Object.entries(FAULTS)) {
    const { keys } = fault;
    it(title, async () => {
      const flow = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as FlowNode[];
      for (const node of flow) {
        if (node.type === 'sip-play-audio') fault.change(node);
        if (node.type === 'sip-listen') node.timeout = '5';
        if (node.type !== 'sip-test-case') continue;
        if (!fault.isRetried) node.retries = '0';
        const rows = JSON.parse(String(node.rows)) as { keys: string }[];
        node.rows = JSON.stringify(rows.filter((row) => row.keys === keys));
      }
      writeFileSync(join(folder, 'flow.json'), JSON.stringify(flow));
      await undisturbed(() => assertRed(fault));
    });
  }

  /** Runs the flow, which is red because of the fault. */
  async function assertRed({ isRetried, got, says }: Fault): Promise<void> {
    const run = new CommandRun(['test', 'flow.json'], { cwd: folder, env: { CI: '1' } });
    assert.equal(await run.code, 1, run.out + run.err);
    const report = JSON.parse(readFileSync(join(folder, 'sipflow-results/report.json'), 'utf8')) as Report;
    const { attempts } = report.verdicts[0];
    assert.equal(attempts.length, isRetried ? 3 : 1);
    const [attempt] = attempts;
    const failed = attempt.checks.find(({ ok }) => !ok);
    assert.deepEqual([failed?.what, failed?.got], ['heard', got]);
    const details = attempt.steps
      .filter(({ node }) => node.type === 'sip-listen')
      .map(({ detail }) => detail ?? '');
    assert.match(details.at(-1) ?? '', says);
  }
});
