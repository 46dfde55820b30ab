import assert from 'node:assert/strict';
import { ListReporter, type Report } from '../../../lib/testing';
import { textWidth } from '../../../lib/evidence';
import { attempt, evidence, failedAttempt, hostileReport, mixedReport, report, verdict } from './reports';

/** A terminal that keeps what it is given. */
function terminal(more: { isTTY?: boolean; columns?: number } = {}) {
  const out = { ...more, text: '', write: (text: string) => (out.text += text) };
  return out;
}

function finished(source: Report, env: Record<string, string> = {}, isTTY = false): string {
  const out = terminal({ isTTY });
  const list = new ListReporter({ out, env });
  source.verdicts.forEach((each) => list.ended(each.id, each));
  list.finish(source, { files: { html: 'out/report.html' }, link: (file) => `out/${file}` });
  return out.text;
}

// eslint-disable-next-line no-control-regex
const SEQUENCES = /\u001b\[[0-9;]*[A-Za-z]/g;

describe('the list of a run', () => {
  it('has a line for each verdict, each failure with its cause, and the counts', () => {
    const call = evidence({ recordings: ['heard.wav'] });
    const source = mixedReport();
    source.verdicts[1].attempts[1] = failedAttempt({ calls: [call] });
    assert.equal(
      finished(source),
      `  ✓ flows/pbx.regression.json › Busy (4.0 s)
  ✗ flows/pbx.regression.json › Busy [row 2]: codec is G722. (8.0 s, 2 attempts)
  ± flows/transfer.json › Transfer (8.0 s, 2 attempts)
  - flows/pbx.regression.json › Later: No trunk today. (4.0 s)

  1) flows/pbx.regression.json › Busy [row 2]
     codec is G722.
       step: Right codec (sip-expect)
       at: 1.234 s
       check: codec is PCMU
       wanted: PCMU
       got: G722
       code: CHECK
       evidence: out/heard.wav

  ± flows/transfer.json › Transfer is flaky
     attempt 1: codec is G722.

  1 passed, 1 failed, 1 flaky, 1 skipped (12.3 s)
  html: out/report.html
`,
    );
  });

  it('warns of a test that has checked nothing', () => {
    const reason = { code: 'NO_CHECKS', message: 'It has checked nothing.', atMs: 1 };
    const text = finished(report([verdict({ attempts: [attempt({ reason, checks: [] })] })]));
    assert.match(text, /✓ .*Busy: It has checked nothing\. \(4\.0 s\)/);
  });

  it('has colours on a terminal only, and none with NO_COLOR', () => {
    const colours = (env: Record<string, string>, isTTY: boolean): boolean =>
      finished(mixedReport(), env, isTTY).includes('\u001b[31m');
    assert.deepEqual(
      [
        colours({}, true),
        colours({ NO_COLOR: '1' }, true),
        colours({ TERM: 'dumb' }, true),
        colours({}, false),
        colours({ FORCE_COLOR: '1' }, false),
      ],
      [true, false, false, false, true],
    );
  });

  it('says that a run was interrupted, and that there were no tests', () => {
    const out = terminal();
    new ListReporter({ out }).finish(report([]), { interrupted: true });
    assert.match(out.text, /no tests \(12\.3 s\)\n {2}interrupted: these are the results so far\n$/);
  });

  it('draws a line for each running case, fit to the width, and takes it away', () => {
    const out = terminal({ isTTY: true, columns: 30 });
    let now = 0;
    const list = new ListReporter({ out, env: { NO_COLOR: '1' }, now: () => now });
    list.begin({ cases: 2, shard: { index: 1, of: 3 } });
    list.started({ key: 'a', title: '한국어 제목이 아주 깁니다 정말로', attempt: 2 });
    now = 1_500;
    list.step('a', { node: { name: 'Call', type: 'sip-make-call', id: 'n' }, outcome: 'answered' });
    const drawn = out.text.split('\n').map((line) => line.replace(SEQUENCES, ''));
    assert.ok(
      drawn.every((line) => textWidth(line) < 30 || /^Running/.test(line)),
      out.text,
    );
    assert.match(out.text, /^Running 2 test cases, shard 1 of 3\n/);
    list.close();
    assert.ok(out.text.endsWith('\u001b[1A\u001b[2K'), 'the last thing is that its line is taken away');
  });

  it('draws nothing again where there is no terminal, or in CI', () => {
    for (const [isTTY, env] of [
      [false, {}],
      [true, { CI: 'true', NO_COLOR: '1' }],
    ] as const) {
      const out = terminal({ isTTY });
      const list = new ListReporter({ out, env });
      list.started({ key: 'a', title: 'Busy' });
      list.step('a', { node: { name: 'Call', type: 't', id: 'n' }, outcome: 'answered' });
      assert.equal(out.text, '');
      list.ended('a', verdict({ attempts: [attempt()] }));
      list.close();
      assert.match(out.text, /^ {2}✓ .*\n$/);
    }
  });

  it('sends a terminal nothing but its own sequences, whatever the texts are', () => {
    const text = finished(hostileReport(), {}, true);
    const others = text.replace(SEQUENCES, '').replaceAll('\n', '');
    assert.doesNotMatch(others, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    assert.match(others, /␛\[31mred␛\[2J/);
    assert.ok([...text.matchAll(SEQUENCES)].every(([sequence]) => sequence.endsWith('m')));
  });
});
