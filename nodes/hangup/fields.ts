import { CALL, HEADERS } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const hangupFields = nodeTable({
  type: 'sip-hangup',
  outputs: ['done'],
  fields: { ...CALL, ...HEADERS },
});
