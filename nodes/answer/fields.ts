import { CALL, CODECS, HEADERS } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const answerFields = nodeTable({
  type: 'sip-answer',
  outputs: ['answered', 'failed'],
  fields: { ...CALL, ...HEADERS, ...CODECS },
  rows: ['call', 'codecs', 'headers'],
});
