import { CALL } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';
import { SUBJECTS } from './subjects';

export const expectFields = nodeTable({
  type: 'sip-expect',
  outputs: ['passed', 'failed'],
  fields: {
    ...CALL,
    within: { kind: 'number', value: '0', min: 0, max: 86_400, icon: 'clock-o', hint: true },
    stop: { kind: 'flag', value: true, hint: true },
    checks: {
      kind: 'checks',
      subjects: SUBJECTS,
      value: [{ subject: 'answered', operator: 'is', value: 'true', valueType: 'bool', severity: 'error' }],
      icon: 'check-square-o',
      hint: true,
    },
  },
  rows: ['call', 'checks', 'within', 'stop'],
});
