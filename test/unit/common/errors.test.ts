import assert from 'node:assert/strict';
import { SipflowError, toSipflowError } from '../../../lib/common/errors';

describe('SipflowError', () => {
  it('carries code, sentence and cause, and turns into plain data', () => {
    const cause = new Error('EADDRINUSE');
    const error = new SipflowError('TRANSPORT', 'Port 5060 is occupied. Choose another.', { cause });
    assert.equal(error.cause, cause);
    assert.ok(error instanceof Error);
    assert.equal(
      String(error),
      'Port 5060 is occupied. Choose another.',
      'no class name in front of the sentence',
    );
    assert.deepEqual(error.toFailure(), {
      code: 'TRANSPORT',
      message: 'Port 5060 is occupied. Choose another.',
    });
  });

  it('wraps anything thrown and leaves its own errors alone', () => {
    const own = new SipflowError('BAD_TARGET', 'x');
    assert.equal(toSipflowError(own), own);
    const wrapped = toSipflowError(new TypeError('boom'), 'INTERNAL');
    assert.deepEqual([wrapped.code, wrapped.message], ['INTERNAL', 'boom']);
    assert.ok(wrapped.cause instanceof TypeError);
    assert.equal(toSipflowError('text').message, 'text');
  });
});
