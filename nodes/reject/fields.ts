import { CALL, HEADERS } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const rejectFields = nodeTable({
  type: 'sip-reject',
  outputs: ['rejected'],
  fields: {
    ...CALL,
    // Not `status`: there the editor keeps the status of a running node.
    statusCode: {
      kind: 'typed',
      input: 'number',
      value: '486',
      type: 'num',
      min: 300,
      max: 699,
      whole: true,
      icon: 'reply',
    },
    reason: { kind: 'typed', input: 'text', value: '', type: 'str', icon: 'comment-o' },
    contact: {
      kind: 'typed',
      input: 'text',
      value: '',
      type: 'str',
      check: 'contact',
      icon: 'share',
      hint: true,
      when: { statusCode: { from: 300, to: 399 } },
    },
    ...HEADERS,
  },
});
