import assert from 'node:assert/strict';
import { parsed } from '../../nodes/test-case/rows';

describe('rows of a CSV file', () => {
  it('are read with quotation marks, a byte order mark, and semicolons or tabs', () => {
    const rows = [
      { name: 'a, "b"', to: '1002' },
      { name: '홍길동', to: '' },
    ];
    for (const [separator, text] of [
      [',', '\uFEFFname,to\r\n"a, ""b""",1002\r\n\r\n홍길동,\r\n'],
      [';', 'name;to\n"a, ""b""";1002\n홍길동;\n'],
      ['tab', 'name\tto\na, "b"\t1002\n홍길동\t'.replace('a, "b"', '"a, ""b"""')],
    ] as const)
      assert.deepEqual(parsed(text, 'x.csv'), rows, separator);
    assert.deepEqual(parsed('to\n1002\n', 'x.csv'), [{ to: '1002' }]);
    assert.deepEqual(parsed('"a;b","c;d"\n1,2', 'x.csv'), [{ 'a;b': '1', 'c;d': '2' }]);
  });

  it('are refused with the line that is wrong', () => {
    for (const [text, sentence] of [
      ['a,b\n1,2\n3\n', /line 3/],
      ['a,b\n1,"2\n', /"x\.csv"/],
      ['a,a\n1,2\n', /"a" twice/],
      ['a,\n1,2\n', /no name for column 2/],
      ['a\0b\n', /no text/],
    ] as const)
      assert.throws(() => parsed(text, 'x.csv'), { code: 'BAD_CONFIG', message: sentence }, text);
  });

  it('have no prototype of their own to be written into', () => {
    const [row] = parsed('__proto__,to\nx,1002', 'x.csv');
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
    assert.equal(({} as Record<string, unknown>).x, undefined);
  });
});
