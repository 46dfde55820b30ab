import assert from 'node:assert/strict';
import { parseInfoBody, writeInfoBody } from '../../../lib/dtmf/info-body';

describe('digits in SIP INFO', () => {
  it('reads application/dtmf-relay in every common spelling', () => {
    assert.deepEqual(parseInfoBody('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n'), {
      digit: '5',
      durationMs: 160,
    });
    assert.deepEqual(parseInfoBody('Application/DTMF-Relay; charset=utf-8', 'signal= #\nduration = 250'), {
      digit: '#',
      durationMs: 250,
    });
    assert.deepEqual(parseInfoBody('application/dtmf-relay', 'Signal=10\r\n'), {
      digit: '*',
      durationMs: 100,
    });
    assert.deepEqual(parseInfoBody('application/dtmf-relay', 'Signal=16'), { digit: '!', durationMs: 100 });
  });

  it('reads application/dtmf', () => {
    assert.deepEqual(parseInfoBody('application/dtmf', 'd\r\n'), { digit: 'D', durationMs: 100 });
  });

  it('bounds what a peer claims', () => {
    const info = parseInfoBody('application/dtmf-relay', 'Signal=1\r\nDuration=99999999999');
    assert.equal(info?.durationMs, 10_000);
  });

  for (const [type, body] of [
    ['application/sdp', 'v=0'],
    ['application/dtmf-relay', ''],
    ['application/dtmf-relay', 'Signal=x'],
    ['application/dtmf-relay', 'Duration=100'],
    ['application/dtmf', '17'],
    ['application/dtmf', '1'.repeat(300)],
  ]) {
    it(`ignores ${type} with "${body.slice(0, 20)}"`, () => {
      assert.equal(parseInfoBody(type, body), undefined);
    });
  }

  it('reads what it writes', () => {
    for (const digit of '0123456789*#ABCD!') {
      const body = writeInfoBody({ digit, durationMs: 120 });
      assert.deepEqual(parseInfoBody(body.contentType, body.content), { digit, durationMs: 120 });
    }
  });
});
