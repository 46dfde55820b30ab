import assert from 'node:assert/strict';
import {
  ladderJson,
  ladderMermaid,
  ladderOf,
  ladderSvg,
  ladderText,
  type LadderInput,
} from '../../../lib/evidence';
import { textWidth } from '../../../lib/evidence/text-width';
import { callOf, traced } from './messages';

const INVITE = 'INVITE sip:1002@b SIP/2.0';

function twoPhones(more: Partial<LadderInput> = {}): LadderInput {
  return {
    calls: [
      callOf(
        [
          traced(0, INVITE),
          traced(20, 'SIP/2.0 180 Ringing', { direction: 'in' }),
          traced(1_500, 'SIP/2.0 486 Busy Here', { direction: 'in', fields: ['Server: PBX'] }),
          traced(1_501, 'ACK sip:1002@b SIP/2.0'),
        ],
        { phone: 'Alice' },
      ),
    ],
    ...more,
  };
}

describe('the views of a ladder', () => {
  it('as text: lanes, arrows and times', () => {
    assert.equal(
      ladderText(ladderOf(twoPhones()), { columns: 76 }),
      `
                              Alice                        1002
                          10.0.0.1:5060                10.0.0.2:5060
                                                            PBX
                                │                            │
   0.000  +0.000                │────── INVITE · 1002 ──────▶│
   0.020  +0.020                │◀────── 180 Ringing ────────│
   1.500  +1.480                │◀──── ✗ 486 Busy Here ──────│
   1.501  +0.001                │──────── ACK · 1002 ───────▶│
`.slice(1),
    );
  });

  it('as text in any width: no line is longer', () => {
    const checks = [
      {
        node: { id: 'n', name: '', type: 'sip-expect' },
        atMs: 1,
        what: '헤더 검사 '.repeat(9),
        operator: 'is',
        wanted: 'x'.repeat(90),
        got: 'y',
        ok: false,
        severity: 'error' as const,
      },
    ];
    const ladder = ladderOf(twoPhones({ checks }));
    for (let columns = 32; columns <= 140; columns += 3) {
      const lines = ladderText(ladder, { columns }).split('\n');
      assert.ok(Math.max(...lines.map(textWidth)) <= columns, String(columns));
      assert.ok(
        lines.some((line) => line.includes('486 Busy Here')),
        `every message is there in ${columns} columns`,
      );
    }
  });

  it('as an SVG that refers to nothing and fits the width it is given', () => {
    const ladder = ladderOf(twoPhones());
    for (const width of [250, 480, 1_000]) {
      const svg = ladderSvg(ladder, { width, title: 'A <call>' });
      assert.match(svg, new RegExp(`^<svg [^>]*width="${width}"`));
      assert.match(svg, /<title>A &lt;call&gt;<\/title>/);
      assert.match(svg, /prefers-color-scheme:dark/);
      assert.match(svg, /fill:currentColor/);
      assert.doesNotMatch(
        svg.replace('http://www.w3.org/2000/svg', ''),
        /https?:|url\(|href|<script|<image|<foreignObject|\son\w+=/i,
      );
      assert.equal(svg.match(/<g class="row/g)?.length, 4);
      for (const [, x] of svg.matchAll(/ x[12]?="(-?[\d.]+)"/g))
        assert.ok(Number(x) >= 0 && Number(x) <= width);
    }
    assert.match(ladderSvg(ladder), /class="row failure" data-row="2"/);
    assert.doesNotMatch(ladderSvg(ladder, { theme: 'page' }), /class="paper"|;color:/);
    assert.doesNotMatch(ladderSvg(ladder, { theme: 'dark' }), /prefers-color-scheme/);
  });

  it('as an SVG with all names, also where many lanes are close', () => {
    const remotes = Array.from({ length: 8 }, (_, n) => `[2001:db8::${n}]:5060`);
    const messages = remotes.map((remote, n) => traced(n, INVITE, { remote, fields: [`N: ${n}`] }));
    const ladder = ladderOf({ calls: [callOf(messages, { phone: 'Switchboard, Berlin' })] });
    const svg = ladderSvg(ladder, { width: 250 });
    assert.match(svg, />1 Switchboard, Berlin ·</);
    for (const remote of remotes.slice(1)) assert.ok(svg.includes(remote));
    assert.equal(svg.match(/class="name">\d</g)?.length, 9);
  });

  it('as Mermaid', () => {
    assert.equal(
      ladderMermaid(ladderOf(twoPhones())),
      `sequenceDiagram
  participant L0 as Alice<br/>10.0.0.1#58;5060
  participant L1 as 1002<br/>10.0.0.2#58;5060
  L0->>L1: 0.000 s INVITE<br/>1002
  L1-->>L0: 0.020 s 180 Ringing
  L1-->>L0: 1.500 s ✗ 486 Busy Here
  L0->>L1: 1.501 s ACK<br/>1002
`,
    );
  });

  it('as JSON that is the same data again', () => {
    const ladder = ladderOf(twoPhones({ marks: [{ kind: 'note', atMs: 3, text: '</script>\u2028&' }] }));
    const json = ladderJson(ladder);
    assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(ladder)));
    assert.doesNotMatch(json, /[<>&\u2028]/);
  });

  it('of nothing', () => {
    const ladder = ladderOf({ calls: [] });
    assert.equal(ladderText(ladder), 'no messages\n');
    assert.match(ladderSvg(ladder, { language: 'ko' }), /메시지 없음/);
    assert.match(ladderMermaid(ladder), /participant L0 as -\n {2}Note over L0: no messages/);
  });
});
