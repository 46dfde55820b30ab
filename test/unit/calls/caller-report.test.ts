import assert from 'node:assert/strict';
import { callerOf, diversionsOf } from '../../../lib/calls/report/caller';

const from = (value: string): Record<string, string[]> => ({ From: [value] });

describe('what an INVITE says of its caller', () => {
  it('is read from quoted, plain and missing names, in any script', () => {
    for (const [value, number, name] of [
      ['"Zoë \\"Lab\\\\\\" 회사" <sip:0319@a.example>;tag=1', '0319', 'Zoë "Lab\\" 회사'],
      ['Zoë Lab <sip:0319@a.example>', '0319', 'Zoë Lab'],
      ['sip:0319@a.example;tag=1', '0319', ''],
      ['<tel:+82-2-555;phone-context=x>', '+82-2-555', ''],
      ['"a\tb" <sip:%2b82%20@a.example>', '+82', 'a b'],
      ['<sip:a.example>', '', ''],
      ['no address at all <', '', ''],
      ['"never closed <sip:1@a.example>', '', ''],
    ] as const) {
      const caller = callerOf(from(value), false);
      assert.deepEqual([caller.number, caller.name], [number, name], value);
    }
  });

  it('has the asserted identity of several values, in one field or in two', () => {
    const asserted = {
      number: '+8225551234',
      name: 'Desk',
      uris: ['sip:+8225551234@a.example', 'tel:+8225551234'],
    };
    for (const values of [
      ['"Desk" <sip:+8225551234@a.example>, <tel:+8225551234>'],
      ['"Desk" <sip:+8225551234@a.example>', 'tel:+8225551234'],
    ]) {
      assert.deepEqual(callerOf({ 'P-Asserted-Identity': values }, true), {
        ...{ number: '', name: '', asserted, privacy: [], verified: true },
      });
    }
    assert.equal(callerOf({ 'P-Asserted-Identity': ['<<<', ''] }, true).asserted, null);
  });

  it('has the values of Privacy', () => {
    assert.deepEqual(callerOf({ Privacy: ['ID; user;header', 'critical'] }, false).privacy, [
      ...['id', 'user', 'header', 'critical'],
    ]);
  });

  it('stays small whatever is sent', () => {
    const long = 'x'.repeat(60_000);
    const headers = {
      From: [`"${long}" <sip:${long}@a.example>`],
      'P-Asserted-Identity': Array.from(
        { length: 500 },
        () => `<sip:${long.slice(0, 900)}@a.example>, <tel:1>`,
      ),
      Privacy: [long, ...Array.from({ length: 500 }, () => 'id')],
      Diversion: Array.from({ length: 500 }, () => `<sip:${long}@a.example>;reason=${long}`),
    };
    const told = JSON.stringify([callerOf(headers, false), diversionsOf(headers)]);
    assert.ok(told.length < 20_000, String(told.length));
    assert.doesNotMatch(told, /[\ud800-\udfff]/);
  });
});

describe('who has sent a call on', () => {
  it('is told by Diversion, the last one first', () => {
    const Diversion = [
      '"Bob" <sip:202@a.example>;reason=user-busy;counter=2;privacy=off, <tel:203>;reason="no-answer"',
      '<sip:204@a.example>;counter=-1',
    ];
    assert.deepEqual(diversionsOf({ Diversion }), [
      { number: '202', name: 'Bob', uri: 'sip:202@a.example', reason: 'user-busy', counter: 2 },
      { number: '203', name: '', uri: 'tel:203', reason: 'no-answer', counter: null },
      { number: '204', name: '', uri: 'sip:204@a.example', reason: 'unknown', counter: null },
    ]);
  });

  it('is told by History-Info where there is no Diversion', () => {
    const history = [
      '<sip:202@a.example?Reason=SIP%3Bcause%3D486%3Btext%3D%22Busy%22>;index=1,' +
        '<sip:203@a.example>;index=1.1, <sip:204@a.example;cause=408>;index=1.1.1;mp=1.1',
    ];
    assert.deepEqual(diversionsOf({ 'History-Info': history }), [
      { number: '203', name: '', uri: 'sip:203@a.example', reason: 'no-answer', counter: null },
      { number: '202', name: '', uri: 'sip:202@a.example', reason: 'user-busy', counter: null },
    ]);
    assert.deepEqual(diversionsOf({ 'History-Info': ['<sip:1@a.example>;index=1'] }), []);
    assert.deepEqual(diversionsOf({}), []);
  });
});
