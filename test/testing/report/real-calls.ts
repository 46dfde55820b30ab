import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Call, OutgoingCall } from '../../../lib/calls';
import type { Attempt, CallEvidence, Check, MediaSample, Report, Step, Verdict } from '../../../lib/testing';
import { Phones } from '../../support/phones';
import { report } from './reports';

const step = (
  name: string,
  type: string,
  atMs: number,
  durationMs: number,
  outcome: string,
  more: Partial<Step> = {},
) => ({
  node: { id: name, name, type },
  atMs,
  durationMs,
  outcome,
  ...more,
});

/**
 * A report of simulated calls that were really made: a menu that plays the wrong prompt with a recording of it, a
 * busy callee, and what passed, passed late and was skipped.
 *
 * @param phones keep the recordings until they are closed
 */
export async function realReport(phones: Phones): Promise<Report> {
  const startedAt = new Date();
  const menu = await menuAttempt(phones);
  const busy = await busyAttempt(phones);
  const verdict = (title: string, attempts: Attempt[], more: Partial<Verdict> = {}): Verdict => {
    const last = attempts[attempts.length - 1];
    return {
      format: 'sipflow-verdict/1',
      id: title,
      case: title,
      title,
      tags: [],
      file: 'flows/18 - PBX regression.json',
      status: last.status,
      ...(last.reason ? { reason: last.reason } : {}),
      startedAt: startedAt.toISOString(),
      durationMs: attempts.reduce((sum, { durationMs }) => sum + durationMs, 0),
      attempts,
      ...more,
    };
  };
  const passed = passedOf(busy);
  return report(
    [
      verdict('Extension answers', [passed], {
        row: 1,
        tags: ['smoke'],
        rowValues: { number: '1002', name: 'Reception' },
      }),
      verdict('Extension answers', [busy], {
        row: 2,
        tags: ['smoke'],
        rowValues: { number: '1003', name: 'Sales' },
      }),
      verdict('The menu says where it leads', [menu], {
        tags: ['ivr', 'nightly'],
        file: 'flows/menu.json',
        seed: 42,
      }),
      verdict('Transfer to a colleague', [numbered(busy, 1), numbered(passed, 2)], {
        status: 'flaky',
        tags: ['nightly'],
      }),
      verdict('Voicemail keeps the message', [passed], { file: 'flows/menu.json' }),
      verdict('Trunk to the mobile network', [
        {
          ...passed,
          status: 'skipped',
          durationMs: 2,
          reason: { code: 'SKIPPED', message: 'There is no trunk in this place.', atMs: 1 },
          calls: [],
          checks: [],
          steps: [step('No trunk here', 'sip-test-end', 1, 0, 'skipped')],
        },
      ]),
    ],
    { startedAt: startedAt.toISOString(), durationMs: Date.now() - startedAt.getTime() },
  );
}

function numbered(attempt: Attempt, number: number): Attempt {
  return { ...attempt, test: { ...attempt.test, attempt: number } };
}

async function evidenceOf(
  call: Call,
  phone: string,
  more: Partial<CallEvidence> = {},
): Promise<CallEvidence> {
  return { ref: call.ref, info: await call.info(), messages: call.trace(), recordings: [], phone, ...more };
}

/** The caller hears another prompt than the one that the test wants. */
async function menuAttempt(phones: Phones): Promise<Attempt> {
  const alice = await phones.phone('1001', { recordingsDir: phones.folder, statisticsInterval: 0.25 });
  const bob = await phones.phone('1002');
  bob.onCall(async (call) => {
    await delay(150);
    await call.answer();
    await (await call.play({ source: 'sipflow:menu' })).finished.catch(() => undefined);
  });
  const began = performance.now();
  const atMs = (): number => Math.round(performance.now() - began);
  const call = await alice.dial('1002');
  const series: MediaSample[] = [];
  call.on('statistics', ({ received, receivedLevelDbfs }) =>
    series.push({
      atMs: atMs(),
      lossPercent: (100 * received.lost) / Math.max(1, received.packets + received.lost),
      jitterMs: received.jitterMs,
      levelDbfs: receivedLevelDbfs,
    }),
  );
  const id = call.ref.id;
  await call.outcome;
  const answeredMs = atMs();
  const recording = await call.record({ file: 'heard-by-1001', channels: 'stereo', maxDuration: 2.5 });
  const recordedMs = atMs();
  await delay(900);
  const pressedMs = atMs();
  await call.sendDigits({ digits: '2' });
  const { file } = await recording.finished;
  const checkedMs = atMs();
  const messages = await hungUp(call);
  const node = { id: 'prompt', name: 'The right prompt', type: 'sip-expect' };
  const check = (what: string, operator: string, wanted: unknown, got: unknown, ok: boolean): Check => ({
    node,
    atMs: checkedMs,
    what,
    operator,
    wanted,
    got,
    ok,
    severity: what === 'mos' ? 'warning' : 'error',
    call: id,
  });
  return {
    test: { type: 'sip-test', id: 'menu', case: 'menu', title: 'The menu says where it leads', attempt: 1 },
    status: 'failed',
    reason: {
      code: 'CHECK',
      message: 'The caller heard "menu" where "welcome" was expected.',
      node,
      atMs: checkedMs,
    },
    startedAt: new Date(Date.now() - atMs()).toISOString(),
    durationMs: atMs(),
    steps: [
      step('Menu', 'sip-test-case', 0, 1, 'start'),
      step('Call the menu', 'sip-make-call', 2, answeredMs, 'answered', { call: id, output: 0 }),
      step('Record', 'sip-record', recordedMs, checkedMs - recordedMs, 'recorded', {
        call: id,
        detail: 'heard-by-1001.wav',
      }),
      step('Choose sales', 'sip-send-dtmf', pressedMs, 160, 'sent', { call: id, detail: '2' }),
      step('The right prompt', 'sip-expect', checkedMs, 3, 'failed', { call: id }),
    ],
    checks: [
      check('answered', 'is', true, true, true),
      check('codec', 'is', 'PCMU', 'PCMU', true),
      check('mos', 'gte', 4.5, 4.41, false),
      check('heard', 'is', 'welcome', 'menu', false),
    ],
    calls: [
      {
        ...messages,
        recordings: [join(phones.folder, file)].map((path) => (file.startsWith('/') ? file : path)),
        series,
      },
    ],
    leaks: [],
    artefacts: [],
  };
}

async function hungUp(call: OutgoingCall): Promise<CallEvidence> {
  await call.hangup();
  await call.waitFor('ended');
  return evidenceOf(call, 'Phone 1001');
}

async function busyAttempt(phones: Phones): Promise<Attempt> {
  const alice = await phones.phone('1011');
  const bob = await phones.phone('1003');
  bob.onCall((call) => call.reject({ status: 486 }));
  const began = performance.now();
  const startedAt = new Date().toISOString();
  const call = await alice.dial('1003');
  await call.outcome;
  const atMs = Math.round(performance.now() - began);
  const node = { id: 'answers', name: 'Somebody answers', type: 'sip-expect' };
  return {
    test: { type: 'sip-test', id: 'busy', case: 'extension', title: 'Extension answers', attempt: 1, row: 2 },
    status: 'failed',
    reason: { code: 'CHECK', message: 'The extension was not answered: 486 Busy Here.', node, atMs },
    startedAt,
    durationMs: atMs + 5,
    steps: [
      step('Call the extension', 'sip-make-call', 1, atMs, 'failed', {
        call: call.ref.id,
        output: 1,
        detail: '486 Busy Here',
      }),
      step('Somebody answers', 'sip-expect', atMs, 1, 'failed', { call: call.ref.id }),
    ],
    checks: [
      {
        node,
        atMs,
        what: 'answered',
        operator: 'is',
        wanted: true,
        got: false,
        ok: false,
        severity: 'error',
        call: call.ref.id,
      },
    ],
    calls: [await evidenceOf(call, 'Phone 1011')],
    leaks: [{ kind: 'call', what: 'A call to 1003 still stood at the end.' }],
    artefacts: [],
    leftOut: { steps: 3 },
  };
}

function passedOf(attempt: Attempt): Attempt {
  return {
    ...attempt,
    status: 'passed',
    reason: undefined,
    leftOut: undefined,
    leaks: [],
    checks: attempt.checks.map((check) => ({ ...check, got: true, ok: true })),
    steps: attempt.steps.map((each) => ({ ...each, outcome: 'passed', detail: undefined })),
  };
}
