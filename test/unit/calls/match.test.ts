import assert from 'node:assert/strict';
import { chooseHandler, compileMatch } from '../../../lib/calls/phone/match';
import { SipflowError } from '../../../lib/common/errors';

/** Which of the `match` fields gets the call. */
function winner(fields: string[], called: string): string | undefined {
  const handlers = fields.map((field) => ({ field, match: compileMatch(field) }));
  return chooseHandler(handlers, called)?.field;
}

describe('calls: who gets an incoming call', () => {
  const CASES: [fields: string[], called: string, winner: string | undefined][] = [
    [['', '/./', '1*', '12*', '120'], '120', '120'],
    [['', '/./', '1*', '12*', '120'], '121', '12*'],
    [['', '/./', '12*', '1*', '120'], '121', '12*'],
    [['', '/./', '1*', '12*', '120'], '130', '1*'],
    [['', '/./', '1*', '12*', '120'], '200', '/./'],
    [['', '1*', '12*', '120'], '200', ''],
    [['1*', '12*', '120'], '200', undefined],
    [[], '200', undefined],
    [['*'], '200', '*'],
    [['*', '/2/'], '200', '/2/'],
    [['  '], '', '  '],
    [['12*'], '12', '12*'],
    [['12*'], '1', undefined],
    [['/^2/'], '12', undefined],
    [['/2/'], '12', '/2/'],
    [['/ANNA/'], 'anna', undefined],
    [['/ANNA/i'], 'anna', '/ANNA/i'],
    [['/a\\/b/'], 'a%2Fb', '/a\\/b/'],
    [['*21#'], '*21%23', '*21#'],
    [['*21*'], '*2155', '*21*'],
    [['+82*'], '+8225551234', '+82*'],
    [['홍길동'.normalize('NFD')], encodeURIComponent('홍길동'), '홍길동'.normalize('NFD')],
    [['200'], '200;phone-context=x', '200'],
    [['anna'], 'Anna', undefined],
  ];
  for (const [fields, called, expected] of CASES) {
    it(`${JSON.stringify(fields)} called by ${called}: ${expected === undefined ? 'nobody' : `"${expected}"`}`, () => {
      assert.equal(winner(fields, called), expected);
    });
  }

  it('among equals the first one, and always exactly one', () => {
    for (const field of ['', '1*', '/1/', '12']) {
      const handlers = ['first', 'second'].map((name) => ({ name, match: compileMatch(field) }));
      assert.equal(chooseHandler(handlers, '12')?.name, 'first', field);
    }
  });

  const BROKEN: [field: string, message: RegExp][] = [
    ['/(/', /regular expression in "match" is broken/],
    ['/[/', /broken/],
    ['/1', /needs a slash at its end/],
    ['/', /needs a slash at its end/],
    ['/1/g', /flags "g"/],
    ['/1/ii', /broken/],
    [`/${'1'.repeat(600)}/`, /more than 500 characters/],
    ['/^(\\d+)*$/', /takes too long/],
    ['/^(a|a)*$/', /takes too long/],
    ['sip:200@example.com', /write the called number alone/],
    ['200@example.com', /write the called number alone/],
    ['12 34', /write the called number alone/],
  ];
  for (const [field, message] of BROKEN) {
    it(`refuses ${field.slice(0, 30)}`, () => {
      assert.throws(
        () => compileMatch(field),
        (error) =>
          error instanceof SipflowError && error.code === 'BAD_CONFIG' && message.test(error.message),
      );
    });
  }

  it('a number that makes an expression run away matches nothing, and soon', () => {
    const match = compileMatch('/^(z+)*8$/');
    const start = process.cpuUsage();
    assert.equal(match.matches('z'.repeat(200)), false);
    const { user, system } = process.cpuUsage(start);
    assert.ok((user + system) / 1000 < 1500);
    assert.equal(match.matches('zz8'), true);
    assert.equal(match.matches('z'.repeat(5000)), false);
  });
});
