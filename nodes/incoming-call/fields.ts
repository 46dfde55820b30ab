import { DEFAULTS } from '../../lib/common';
import { CALL_PROPERTY, INSTANCE } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const incomingCallFields = nodeTable({
  type: 'sip-incoming-call',
  outputs: ['call'],
  fields: {
    ...INSTANCE,
    match: { kind: 'text', value: '', check: 'match', icon: 'filter', placeholder: true, hint: true },
    ring: { kind: 'flag', value: true },
    noAnswerTimeout: {
      kind: 'number',
      value: String(DEFAULTS.noAnswerTimeout),
      min: 0.1,
      max: 3600,
      icon: 'clock-o',
    },
    noAnswerStatus: {
      kind: 'number',
      value: String(DEFAULTS.noAnswerStatus),
      min: 400,
      max: 699,
      whole: true,
      icon: 'reply',
    },
    ...CALL_PROPERTY,
  },
});
