import assert from 'node:assert/strict';
import { type CheckSpec, parseCheck } from '../../lib/testing';

describe('a check that is typed', () => {
  const table: [text: string, spec: Omit<CheckSpec, 'severity'>][] = [
    ['codec is PCMU', { subject: 'codec', operator: 'is', value: 'PCMU' }],
    ['  lossPercent   lt 2 ', { subject: 'lossPercent', operator: 'lt', value: '2' }],
    ['mos >= 4', { subject: 'mos', operator: 'gte', value: '4' }],
    ['status != 486', { subject: 'status', operator: 'isNot', value: '486' }],
    ['reason is Busy Here', { subject: 'reason', operator: 'is', value: 'Busy Here' }],
    ['reason is "Busy  Here "', { subject: 'reason', operator: 'is', value: 'Busy  Here ' }],
    ['reason ~ ^Busy', { subject: 'reason', operator: 'matches', value: '^Busy' }],
    ['digits absent', { subject: 'digits', operator: 'absent' }],
    ['methods is INVITE 180 200', { subject: 'methods', operator: 'is', value: 'INVITE 180 200' }],
    ['setupMs between 100 and 900', { subject: 'setupMs', operator: 'between', value: [100, 900] }],
    ['setupMs between [100, 900]', { subject: 'setupMs', operator: 'between', value: [100, 900] }],
    ['setupMs between 100,900', { subject: 'setupMs', operator: 'between', value: [100, 900] }],
    [
      'header X-Ticket of INVITE contains is 47',
      { subject: 'header', name: 'X-Ticket', message: 'INVITE', operator: 'contains', value: 'is 47' },
    ],
    [
      'header Contact of 200 INVITE exists',
      { subject: 'header', name: 'Contact', message: '200 INVITE', operator: 'exists' },
    ],
    [
      'sdp of 200 contains a=sendonly',
      { subject: 'sdp', message: '200', operator: 'contains', value: 'a=sendonly' },
    ],
    [
      'recordingHas sipflow:menu gte 0.9',
      { subject: 'recordingHas', name: 'sipflow:menu', operator: 'gte', value: '0.9' },
    ],
  ];
  for (const [text, spec] of table) {
    it(text, () => assert.deepEqual(parseCheck(text), { ...spec, severity: 'error' }));
  }

  it('may be a warning only', () => {
    assert.equal(parseCheck('mos gte 4 (warning)').severity, 'warning');
    assert.equal(parseCheck('digits absent (warning)').severity, 'warning');
  });

  const faults: [text: string, sentence: RegExp][] = [
    ['', /nothing in it/],
    ['colour is red', /nothing called "colour"/],
    ['codec PCMU', /none of is, isNot/],
    ['codec', /none of is/],
    ['codec of INVITE is PCMU', /"of INVITE" means nothing behind codec/],
    ['codec is', /needs a value/],
    ['codec lt 2', /no comparison for codec/],
    ['mos gt good', /must be a number/],
    ['mos between 1', /two numbers/],
    ['mos between 1 2 3', /two numbers/],
    ['header is 4711', /needs a field/],
    ['digits absent 4', /absent has no value/],
    ['reason matches (', /broken/],
    [`reason is ${'x'.repeat(5000)}`, /more than 4000/],
    ['\u001b[31m\u0000', /nothing called/],
  ];
  for (const [text, sentence] of faults) {
    it(`is refused: ${JSON.stringify(text.slice(0, 40))}`, () =>
      assert.throws(() => parseCheck(text), { code: 'BAD_CONFIG', message: sentence }));
  }
});
