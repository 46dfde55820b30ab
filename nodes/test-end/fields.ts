import { nodeTable } from '../shared/field-table';

export const testEndFields = nodeTable({
  type: 'sip-test-end',
  fields: {
    result: {
      kind: 'choice',
      value: 'checks',
      choices: ['checks', 'failed', 'skipped'],
      icon: 'flag-checkered',
    },
    reason: {
      kind: 'text',
      value: '',
      icon: 'comment-o',
      when: { result: { is: ['failed', 'skipped'] } },
    },
  },
});
