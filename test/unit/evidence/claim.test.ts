import assert from 'node:assert/strict';
import { claimText, valueText } from '../../../lib/evidence';

describe('the words of a check', () => {
  it('are subject, operator and value', () => {
    assert.equal(claimText({ what: 'codec', operator: 'isNot', wanted: 'PCMU' }), 'codec is not PCMU');
    assert.equal(claimText({ what: 'header X', operator: 'exists', wanted: undefined }), 'header X exists');
    assert.equal(claimText({ what: 'mos', operator: 'between', wanted: [3, 4.5] }), 'mos between [3,4.5]');
  });

  it('have numbers as people read them, and texts no longer than there is room', () => {
    assert.deepEqual(
      [4.409285824, 200, 0.00012345678, -Infinity].map((value) => valueText(value)),
      ['4.40929', '200', '0.000123457', '-Infinity'],
    );
    assert.equal(valueText('x'.repeat(100), 10), 'xxxxxxxxx…');
  });

  it('are of whatever value', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    assert.deepEqual(
      [undefined, null, circle, 1n].map((value) => valueText(value)),
      ['undefined', 'null', 'object', 'bigint'],
    );
  });
});
