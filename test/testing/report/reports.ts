import type { Attempt, CallEvidence, Check, Report, Step, Verdict } from '../../../lib/testing';
import { traced } from '../../unit/evidence/messages';

const STARTED_MS = Date.UTC(2026, 10, 30, 12);

/** Texts that a network, a table or a file may hold. */
export const HOSTILE = [
  '</script><script>window.pwned = 1</script>',
  '<img src=x onerror="window.pwned = 1">',
  ']]><!-- --> <![CDATA[',
  '\u001b[31mred\u001b[2J\u001b]0;title\u0007',
  'NUL \u0000 BEL \u0007 C1 \u009b31m DEL \u007f',
  'bidi \u202e gnp.exe \u2066',
  'half \ud800 and \udc00, \uffff \ufffe',
  '\' " ` ${1+1} {{x}} & &amp; \\',
  'line\r\nbreak\u2028\u2029\ttab',
  'x'.repeat(60_000),
] as const;

export const node = (name: string, type = 'sip-expect') => ({ id: `id ${name}`, name, type });

export function step(more: Partial<Step> = {}): Step {
  return {
    node: node('Call 1002', 'sip-make-call'),
    atMs: 10,
    durationMs: 120,
    outcome: 'answered',
    ...more,
  };
}

export function check(more: Partial<Check> = {}): Check {
  return {
    node: node('Right codec'),
    atMs: 1_234,
    what: 'codec',
    operator: 'is',
    wanted: 'PCMU',
    got: 'G722',
    ok: false,
    severity: 'error',
    ...more,
  };
}

export function evidence(more: Partial<CallEvidence> = {}): CallEvidence {
  const at = new Date(STARTED_MS).toISOString();
  return {
    ref: {
      type: 'sip-call',
      id: 'call-1',
      instance: 'phone',
      direction: 'out',
      callId: 'c1',
      from: 'sip:1001@a',
      to: 'sip:1002@b',
    },
    info: {
      state: 'ended',
      direction: 'out',
      codec: 'G722',
      dtmfMethod: 'rfc4733',
      srtp: false,
      startedAt: at,
      answeredAt: at,
      endedAt: new Date(STARTED_MS + 4_000).toISOString(),
      durationMs: 3_900,
      endedBy: 'local',
      status: 200,
      reason: 'OK',
      headers: {},
      rtp: null,
      mos: 4.4,
    },
    messages: [
      traced(STARTED_MS + 20, 'INVITE sip:1002@b SIP/2.0'),
      traced(STARTED_MS + 60, 'SIP/2.0 200 OK', { direction: 'in' }),
    ],
    recordings: [],
    ...more,
  };
}

export function attempt(more: Partial<Attempt> = {}): Attempt {
  return {
    test: { type: 'sip-test', id: 'attempt-1', case: 'case-1', title: 'Busy', attempt: 1 },
    status: 'passed',
    durationMs: 4_000,
    steps: [step()],
    checks: [check({ got: 'PCMU', ok: true })],
    calls: [evidence()],
    leaks: [],
    artefacts: [],
    ...more,
  };
}

export function failedAttempt(more: Partial<Attempt> = {}): Attempt {
  return attempt({
    status: 'failed',
    reason: { code: 'CHECK', message: 'codec is G722.', node: node('Right codec'), atMs: 1_234 },
    checks: [check()],
    ...more,
  });
}

let made = 0;

export function verdict(more: Partial<Verdict> = {}): Verdict {
  made += 1;
  const attempts = more.attempts ?? [attempt()];
  const last = attempts.at(-1);
  return {
    format: 'sipflow-verdict/1',
    id: `verdict-${made}`,
    case: 'case-1',
    title: 'Busy',
    tags: ['smoke'],
    file: 'flows/pbx.regression.json',
    status: last?.status ?? 'passed',
    ...(last?.reason ? { reason: last.reason } : {}),
    startedAt: new Date(STARTED_MS).toISOString(),
    durationMs: attempts.reduce((sum, { durationMs }) => sum + durationMs, 0),
    attempts,
    ...more,
  };
}

export function report(verdicts: Verdict[], more: Partial<Report> = {}): Report {
  return {
    format: 'sipflow-report/1',
    startedAt: new Date(STARTED_MS).toISOString(),
    durationMs: 12_345,
    versions: { sipflow: '0.3.0', node: '22.9.0', 'node-red': '5.0.0' },
    verdicts,
    ...more,
  };
}

/** One verdict of each status. */
export function mixedReport(): Report {
  return report([
    verdict(),
    verdict({ row: 2, rowValues: { number: '1002' }, attempts: [failedAttempt(), failedAttempt()] }),
    verdict({
      title: 'Transfer',
      file: 'flows/transfer.json',
      status: 'flaky',
      attempts: [failedAttempt(), attempt()],
    }),
    verdict({
      title: 'Later',
      attempts: [
        attempt({ status: 'skipped', reason: { code: 'SKIPPED', message: 'No trunk today.', atMs: 3 } }),
      ],
    }),
  ]);
}

/** Verdicts with a hostile text in every place that a text can be. */
export function hostileReport(): Report {
  return report(
    HOSTILE.map((text) =>
      verdict({
        id: text,
        case: text,
        title: text,
        tags: [text],
        file: text,
        row: 1,
        rowValues: { [text.slice(0, 50)]: text },
        attempts: [
          failedAttempt({
            reason: { code: text, message: text, node: { id: text, name: text, type: text }, atMs: 5 },
            steps: [step({ node: node(text, text), outcome: text, detail: text, call: 'call-1' })],
            checks: [
              check({
                node: node(text, text),
                what: text,
                operator: text,
                wanted: text,
                got: { [text]: text },
              }),
            ],
            leaks: [{ kind: 'call', what: text }],
            artefacts: [{ kind: 'text', file: text.slice(0, 200), title: text }],
            calls: [
              evidence({
                phone: text,
                recordings: [text.slice(0, 200)],
                ref: { ...evidence().ref, from: text, to: text },
                info: { ...evidence().info, codec: text, reason: text },
                messages: [
                  traced(STARTED_MS, 'INVITE sip:1002@b SIP/2.0', {
                    fields: [`Subject: ${text}`],
                    body: text,
                  }),
                  traced(STARTED_MS + 9, `SIP/2.0 486 ${text}`, {
                    direction: 'in',
                    remote: text.slice(0, 60),
                  }),
                ],
              }),
            ],
          }),
        ],
      }),
    ),
    { versions: { [HOSTILE[1]]: HOSTILE[0] } },
  );
}
