import { CALL } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const callInfoFields = nodeTable({
  type: 'sip-call-info',
  outputs: ['info'],
  fields: { ...CALL, trace: { kind: 'flag', value: false } },
});
