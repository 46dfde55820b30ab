import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  ctrfJson,
  htmlReport,
  junitXml,
  ListReporter,
  parseReport,
  reportJson,
  type Report,
} from '../../../lib/testing';
import { seededRandom } from '../../support/random';
import { check, failedAttempt, HOSTILE, node, report, step, verdict } from './reports';

/** What breaks markup, terminals or readers, in any order. */
const PIECES = [
  ...HOSTILE.filter((text) => text.length < 1_000),
  ...[
    '<',
    '>',
    '&',
    '"',
    "'",
    ']]>',
    '-->',
    '</',
    '\\',
    '`',
    '${',
    '{{',
    '}}',
    '\u0000',
    '\u001b[',
    '\u009b',
    '\n',
    '\r',
    '\t',
  ],
  ...[
    '\ud800',
    '\udfff',
    '\ufffe',
    '\uffff',
    '\u202e',
    '\u2028',
    '\ufeff',
    '&#0;',
    '&lt;',
    '한국어',
    '🙂',
    'a',
    ' ',
    '%',
    '#',
  ],
];
const REPORTS = 20;

/** A report whose texts are put together by chance. */
function reportOf(seed: number): Report {
  const random = seededRandom(seed);
  const text = (): string =>
    Array.from(
      { length: 1 + Math.floor(random() * 8) },
      () => PIECES[Math.floor(random() * PIECES.length)],
    ).join('');
  return report(
    Array.from({ length: 10 }, () =>
      verdict({
        title: text(),
        file: text(),
        tags: [text()],
        rowValues: { [text()]: text() },
        attempts: [
          failedAttempt({
            reason: { code: text(), message: text(), node: node(text(), text()), atMs: 1 },
            steps: [step({ node: node(text(), text()), outcome: text(), detail: text() })],
            checks: [check({ what: text(), operator: text(), wanted: text(), got: text() })],
            artefacts: [{ kind: 'text', file: text(), title: text() }],
          }),
        ],
      }),
    ),
    { versions: { [text()]: text() } },
  );
}

describe('reports of texts that were put together by chance', () => {
  const reports = Array.from({ length: REPORTS }, (_, index) => reportOf(index + 1));

  it('are the same when they are read again', () => {
    for (const each of reports) {
      const json = reportJson(each);
      assert.equal(reportJson(parseReport(json, 'r')), json);
      JSON.parse(ctrfJson(each));
    }
  });

  it('are XML with each test case, for the parser of Python', function () {
    if (spawnSync('python3', ['--version']).status !== 0) return this.skip();
    const reader =
      'import sys, json, xml.etree.ElementTree as tree\n' +
      'print(json.dumps([len(tree.fromstring(each).findall(".//testcase/failure")) for each in json.load(sys.stdin)]))';
    const { stdout, stderr } = spawnSync('python3', ['-c', reader], {
      input: JSON.stringify(reports.map((each) => junitXml(each))),
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), Array<number>(REPORTS).fill(10));
  });

  it('send a terminal nothing but lines', () => {
    for (const each of reports) {
      const out = { text: '', write: (text: string) => (out.text += text) };
      const list = new ListReporter({ out });
      each.verdicts.forEach((one) => list.ended(one.id, one));
      list.finish(each);
      assert.doesNotMatch(out.text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }
  });

  it('never leave the elements of the page that hold them', async () => {
    for (const each of reports) {
      const html = await htmlReport(each, { base: '/nowhere', folder: '/nowhere' });
      const elements = html.match(/<script type="application\/json" id="\w+">/g) ?? [];
      const whole = html.match(/<script type="application\/json" id="\w+">[^<>&]*<\/script>\n/g) ?? [];
      assert.deepEqual([elements.length, whole.length], [11, 11]);
      const noscript = /<noscript>([^]*?)<\/noscript>/.exec(html)?.[1] ?? '';
      assert.deepEqual(
        new Set(noscript.match(/<\/?\w+/g)),
        new Set(['<p', '</p', '<table', '</table', '<tr', '</tr', '<th', '</th', '<td', '</td']),
      );
    }
  });
});
