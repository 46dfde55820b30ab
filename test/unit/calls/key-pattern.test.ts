import assert from 'node:assert/strict';
import { commonKeys, KeyPattern } from '../../../lib/calls/digits/key-pattern';
import { KeyChoices } from '../../../lib/calls/digits/menu';
import { KEYS } from '../../../lib/calls/digits/pattern-parser';

/** What a pattern says of keys: taken, and whether more may follow. */
function judged(source: string, keys: string): [taken: boolean, more: boolean] {
  const pattern = new KeyPattern(source);
  let progress = pattern.start;
  for (const key of keys) progress = pattern.step(progress, key);
  return [pattern.takes(progress), pattern.goesOn(progress)];
}

/** All texts of keys up to that length. */
function texts(longest: number): string[] {
  let last = [''];
  const all = [...last];
  for (let length = 0; length < longest; length++) {
    last = last.flatMap((text) => [...KEYS].map((key) => text + key));
    all.push(...last);
  }
  return all;
}

describe('calls: patterns of keys', () => {
  const CASES: [source: string, keys: string, taken: boolean, more: boolean][] = [
    ['1', '1', true, false],
    ['1', '', false, true],
    ['1', '2', false, false],
    ['12', '1', false, true],
    ['*9', '*9', true, false],
    ['#', '#', true, false],
    ['a', 'A', true, false],
    ['[1-4]', '3', true, false],
    ['/[1-4]/', '5', false, false],
    [String.raw`\d{4}`, '1234', true, false],
    [String.raw`\d{2,3}`, '12', true, true],
    [String.raw`9\d+`, '9', false, true],
    [String.raw`9\d+`, '91', true, true],
    [String.raw`0|9\d`, '0', true, false],
    [String.raw`\*\d?`, '*', true, true],
    ['[*#]', '*', true, false],
    ['[^0-9]', '#', true, false],
    ['[^0-9]', '1', false, false],
    ['(?:12)+', '1212', true, true],
    ['^12$', '12', true, false],
    ['.', 'D', true, false],
  ];
  for (const [source, keys, taken, more] of CASES) {
    it(`${source} ${taken ? 'takes' : 'does not take'} "${keys}"${more ? ', and more may follow' : ''}`, () => {
      assert.deepEqual(judged(source, keys), [taken, more]);
    });
  }

  it('take what the same regular expression of JavaScript takes', () => {
    const all = texts(3);
    for (const source of [
      '[1-4]|9',
      String.raw`1\d*`,
      '(1|2)?3{1,2}',
      '[^5]+',
      '(1(2|3)*)+',
      '.{2}',
      String.raw`\*[0-9]?#`,
    ]) {
      const pattern = new KeyPattern(source);
      const expression = new RegExp(`^(?:${source})$`);
      for (const text of all.filter(Boolean)) {
        let progress = pattern.start;
        for (const key of text) progress = pattern.step(progress, key);
        assert.equal(pattern.takes(progress), expression.test(text), `${source} ${text}`);
      }
    }
  });

  const WRONG: [source: string, message: RegExp][] = [
    ['', /needs its keys/],
    ['12x', /an unexpected "x"/],
    ['say', /an unexpected "s"/],
    ['[1', /"\[" without its "\]"/],
    ['(1', /"\(" without its "\)"/],
    ['1)', /an unexpected "\)"/],
    ['[4-1]', /runs backwards/],
    ['[]', /no key/],
    ['1{100}', /repetition \{100\}/],
    ['(1{64}){64}', /too long/],
    [String.raw`\d*`, /at least one key/],
    ['+1', /an unexpected "\+"/],
    ['1'.repeat(201), /more than 200 characters/],
    [`${'('.repeat(50)}1${')'.repeat(50)}`, /more than 20 groups/],
    ['\0', /an unexpected/],
  ];
  for (const [source, message] of WRONG) {
    it(`refuses ${JSON.stringify(source.slice(0, 20))}`, () => {
      assert.throws(() => new KeyPattern(source), { code: 'BAD_CONFIG', message });
    });
  }

  it('stay quick where a regular expression would not', () => {
    const began = performance.now();
    assert.deepEqual(judged('(1+)+2', '1'.repeat(256)), [false, true]);
    assert.ok(performance.now() - began < 1000);
  });

  const PAIRS: [one: string, other: string, common: string | undefined][] = [
    ['1', '1', '1'],
    ['1', '12', undefined],
    ['1', '[1-3]', '1'],
    ['[1-3]', '[3-5]', '3'],
    [String.raw`\d{4}`, '0', undefined],
    [String.raw`\d{6}`, String.raw`9\d{5,7}`, '900000'],
    ['(12)+', '(121)+', undefined],
    ['(12)+', '12(12)*3?', '12'],
  ];
  for (const [one, other, common] of PAIRS) {
    it(`${one} and ${other} ${common === undefined ? 'have nothing' : `have ${common}`} in common`, () => {
      assert.equal(commonKeys(new KeyPattern(one), new KeyPattern(other)), common);
      assert.equal(commonKeys(new KeyPattern(other), new KeyPattern(one)), common);
    });
  }
});

describe('calls: the choices of a menu', () => {
  const choices = (...matches: string[]): KeyChoices => new KeyChoices(matches.map((match) => ({ match })));

  it('name both of two that overlap, and the keys', () => {
    const two = [
      { match: '[1-3]', label: 'Sales' },
      { match: '2', label: '' },
    ];
    assert.throws(() => new KeyChoices(two), {
      code: 'BAD_CONFIG',
      message: 'The choices "[1-3]" (Sales) and "2" overlap: both take 2. Change one of them.',
    });
  });

  it('are refused when their keys end the input', () => {
    assert.throws(() => new KeyChoices([{ match: '1#' }], '#'), { message: /has a key that ends the input/ });
    assert.doesNotThrow(() => new KeyChoices([{ match: '..' }], '#'));
  });

  it('are 1 to 50', () => {
    assert.throws(() => choices(), { message: /1 to 50 choices; this one has 0/ });
    const many = Array.from({ length: 51 }, (_, index) => String(index + 100));
    assert.throws(() => choices(...many), { message: /has 51/ });
    assert.doesNotThrow(() => choices(...many.slice(1)));
  });

  it('know when no further key can follow', () => {
    const menu = choices('1', '12', String.raw`3\d{2}`);
    const seen = ['', '1', '12', '2', '3', '300', '13'].map((digits) => {
      const { taken, more } = menu.judge(digits);
      return [taken?.match, more];
    });
    assert.deepEqual(seen, [
      [undefined, true],
      ['1', true],
      ['12', false],
      [undefined, false],
      [undefined, true],
      [String.raw`3\d{2}`, false],
      [undefined, false],
    ]);
  });
});
