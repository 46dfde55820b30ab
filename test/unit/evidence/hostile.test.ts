import assert from 'node:assert/strict';
import {
  escapeMarkdown,
  escapeMermaid,
  escapeTerminal,
  escapeXml,
  ladderJson,
  ladderMermaid,
  ladderOf,
  ladderSvg,
  ladderText,
} from '../../../lib/evidence';
import { seededRandom } from '../../support/random';
import { callOf, sdp, SDP_TYPE, traced } from './messages';

const NASTY = [
  '<script>alert(1)</script>',
  ']]>',
  '<!--',
  '-->',
  '&amp;',
  '&#0;',
  '"',
  "'",
  '\u0000',
  '\u001b[2J\u001b]0;title\u0007',
  '\u009b31m',
  '\u007f',
  '\u202eevil\u2066',
  '\u200b\ufeff',
  '\ud800',
  '\udfff',
  '\uffff',
  '\u2028',
  '\u{e0041}',
  '\r\n\r\n',
  '\t',
  '`',
  '```\n',
  '[x](javascript:alert(1))',
  '![x](http://evil/)',
  '| a | b |',
  '# h',
  '%%{init: {}}%%',
  'end\n',
  ';',
  '#59;',
  'style x:#a;',
  'classDef a:#b;',
  '한국어',
  'e\u0301\u0301\u0301',
  '🎵',
  'x'.repeat(300),
];
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

function texts(seed: number, count: number): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + Math.floor(random() * 6) }, () =>
      random() < 0.7
        ? NASTY[Math.floor(random() * NASTY.length)]
        : String.fromCharCode(...Array.from({ length: 8 }, () => Math.floor(random() * 0x10000))),
    ).join(random() < 0.5 ? '' : ' '),
  );
}

describe('hostile text', () => {
  const samples = texts(1, 3_000);

  it('for a terminal is one line of what can be seen', () => {
    for (const text of samples) assert.doesNotMatch(escapeTerminal(text), UNSEEN);
    assert.equal(escapeTerminal('a\u001b[31m\u0000b\u202e\ud800'), 'a␛[31m␀b\ufffd\ufffd');
    assert.equal(escapeTerminal('안녕 <b>'), '안녕 <b>');
  });

  it('for XML has no markup and no character that XML 1.0 forbids', () => {
    for (const text of samples) {
      const escaped = escapeXml(text);
      assert.doesNotMatch(escaped, /[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      assert.doesNotMatch(escaped.replace(/[\t\n\r]/g, ''), UNSEEN);
      assert.doesNotMatch(escaped, /[\ufffe\uffff]/);
      assert.doesNotThrow(() => encodeURIComponent(escaped), 'no half of a surrogate pair');
    }
    assert.equal(escapeXml('a]]>&\n'), 'a]]&gt;&amp;\n');
  });

  it('for Markdown is one line in which no mark of ASCII means anything', () => {
    for (const text of samples) {
      const escaped = escapeMarkdown(text);
      assert.doesNotMatch(escaped, UNSEEN);
      const bare = escaped.replace(/\\[!-/:-@[-`{-~]|&(?:amp|lt);/g, '');
      assert.doesNotMatch(bare, /[!-/:-@[-`{-~]/);
    }
    assert.equal(escapeMarkdown('1. *a* <b>\n# c'), '1\\. \\*a\\* &lt;b\\> \\# c');
  });

  it('for Mermaid neither ends a line, begins a comment, nor breaks an entity', () => {
    for (const text of samples) {
      const escaped = escapeMermaid(text);
      assert.doesNotMatch(escaped, UNSEEN);
      assert.doesNotMatch(escaped.replace(/#\d+;/g, ''), /[;#<>:"'`%{}[\]|\\]/);
      assert.doesNotMatch(escaped, /style|classDef/i);
    }
    assert.equal(escapeMermaid('a;b'), 'a#59;b');
  });

  it('in a ladder changes the shape of no view', () => {
    for (const [n, text] of texts(2, 400).entries()) {
      const fields = [
        `User-Agent: ${text}`,
        `Reason: ${text}`,
        `Warning: ${text}`,
        `Refer-To: ${text}`,
        SDP_TYPE,
      ];
      const body = sdp('m=audio 4000 RTP/AVP 96', `a=rtpmap:96 ${text.replace(/\s/g, '')}/8000`);
      const call = callOf(
        [
          traced(0, `INVITE sip:${text.replace(/\s/g, '')}@b SIP/2.0`, { fields, body }),
          traced(n, `SIP/2.0 486 ${text}`, { direction: 'in', fields, local: '10.0.0.1:5060' }),
          traced(n, text, { direction: 'in' }),
          { ...traced(n, 'x'), text },
        ],
        { phone: text, recordings: [text] },
      );
      const node = { id: text, name: text, type: text };
      const ladder = ladderOf({
        calls: [{ ...call, ref: { ...call.ref, from: text, to: text } }],
        steps: [{ node, atMs: 0, outcome: text, detail: text }],
        checks: [
          {
            node,
            atMs: 0,
            what: text,
            operator: text,
            wanted: text,
            got: text,
            ok: false,
            severity: 'error',
          },
        ],
      });
      const lines = ladderText(ladder).split('\n');
      assert.equal(lines.pop(), '');
      for (const line of lines) assert.doesNotMatch(line, UNSEEN);
      const svg = ladderSvg(ladder, { width: 250 + n, title: text });
      assertBalanced(svg);
      const mermaid = ladderMermaid(ladder).trimEnd().split('\n');
      assert.equal(mermaid.length, 1 + ladder.lanes.length + ladder.rows.length);
      for (const line of mermaid.slice(1)) {
        assert.match(line, /^ {2}(participant L\d as |L\d--?>>L\d: |Note over L\d(,L\d)?: )/);
      }
      assert.deepEqual(JSON.parse(ladderJson(ladder)), JSON.parse(JSON.stringify(ladder)));
    }
  });
});

/** Every element is closed, and there are no others than a ladder draws. */
function assertBalanced(svg: string): void {
  const open: string[] = [];
  for (const [, closing, name, , empty] of svg.matchAll(/<(\/?)([\w!?-]+)((?:[^<>"]|"[^"<]*")*?)(\/?)>/g)) {
    assert.match(name, /^(svg|title|style|rect|line|g|text|tspan|path)$/);
    if (closing) assert.equal(open.pop(), name);
    else if (!empty) open.push(name);
  }
  assert.deepEqual(open, []);
  const style = /<style>[^]*?<\/style>/;
  assert.doesNotMatch(svg.replace(style, '').replace(/[\t\n\r]/g, ''), UNSEEN);
}
