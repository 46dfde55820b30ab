import { CALL, HEADERS } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const holdFields = nodeTable({
  type: 'sip-hold',
  outputs: ['done', 'failed'],
  fields: {
    ...CALL,
    action: { kind: 'choice', value: 'hold', choices: ['hold', 'resume'], icon: 'pause' },
    ...HEADERS,
  },
});
