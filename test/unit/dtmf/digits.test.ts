import assert from 'node:assert/strict';
import { digitOfEvent, eventOfDigit, MAX_DIGITS, normaliseDigits } from '../../../lib/dtmf/digits';
import { SipflowError } from '../../../lib/common/errors';

function rejects(text: string, pattern: RegExp): void {
  assert.throws(
    () => normaliseDigits(text),
    (error: unknown) => {
      assert.ok(error instanceof SipflowError);
      assert.equal(error.code, 'BAD_DIGITS');
      assert.match(error.message, pattern);
      return true;
    },
  );
}

describe('DTMF digits', () => {
  it('accepts every digit, a pause and a flash', () => {
    assert.equal(normaliseDigits('0123456789*#ABCD,!'), '0123456789*#ABCD,!');
  });

  it('brings letters to upper case and drops what separates numbers for the eye', () => {
    assert.equal(normaliseDigits(' (02) 555-12.34\tab '), '025551234AB');
  });

  it('names the character that is no digit', () => {
    rejects('12E4', /"E" in "12E4" is no DTMF digit; use 0-9 \* # A-D/);
    rejects('１２', /"１"/);
    rejects('1😀', /"😀"/);
    rejects('x'.repeat(100), /"x{40}…"/);
  });

  it('asks for digits when there are none, and limits their number', () => {
    rejects('', /no digits to send/);
    rejects(' - ', /no digits to send/);
    rejects('1'.repeat(MAX_DIGITS + 1), /1001 digits are too many/);
    assert.equal(normaliseDigits('1'.repeat(MAX_DIGITS)).length, MAX_DIGITS);
  });

  it('maps digits to the event codes of RFC 4733 and back', () => {
    assert.deepEqual(
      [...'0123456789*#ABCD!'].map(eventOfDigit),
      Array.from({ length: 17 }, (_, i) => i),
    );
    for (let event = 0; event <= 16; event++) assert.equal(eventOfDigit(digitOfEvent(event) ?? ''), event);
    assert.equal(eventOfDigit('E'), undefined);
    assert.equal(eventOfDigit(''), undefined);
    assert.equal(eventOfDigit('12'), undefined);
    assert.equal(digitOfEvent(17), undefined);
    assert.equal(digitOfEvent(255), undefined);
  });
});
