import assert from 'node:assert/strict';
import { decimal, detached, trimmed, words } from '../../../lib/common/text';

describe('texts of the network', () => {
  it('are trimmed as `trim` does', () => {
    for (const text of ['', ' ', 'a', ' a', 'a ', '\ta b\r\n', '\u00a0a', 'a\u2003', 'ä', '\u0000a']) {
      assert.equal(trimmed(text), text.trim(), JSON.stringify(text));
    }
  });

  it('are taken apart at blanks', () => {
    for (const text of ['', '  ', 'a', ' a  b\tc\r\n', 'a b']) {
      assert.deepEqual(words(text), text.split(/\s+/).filter(Boolean), JSON.stringify(text));
    }
  });

  it('are numbers when they have digits only', () => {
    for (const [text, value] of Object.entries({ '0': 0, '007': 7, '65535': 65_535 })) {
      assert.equal(decimal(text, 5), value);
    }
    for (const text of ['', '123456', '1.5', '-1', '+1', ' 1', '1e3', '٣']) {
      assert.equal(decimal(text, 5), undefined, text);
    }
  });

  it('are the same text when they have memory of their own', () => {
    for (const text of ['', 'telephone-event/8000', 'ä€😀']) assert.equal(detached(text), text);
  });
});
