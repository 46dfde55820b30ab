import { DEFAULTS } from '../../lib/common';
import { CALL } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const waitFields = nodeTable({
  type: 'sip-wait',
  outputs: ['event', 'timeout', 'ended'],
  fields: {
    ...CALL,
    event: {
      kind: 'choice',
      value: 'answered',
      choices: [
        ...(['ringing', 'early-media', 'answered', 'dtmf'] as const),
        ...(['held', 'resumed', 'transfer-request', 'ended'] as const),
      ],
      icon: 'flag-o',
    },
    timeout: {
      kind: 'typed',
      input: 'number',
      value: String(DEFAULTS.waitTimeout),
      type: 'num',
      min: 0.1,
      max: 86400,
      icon: 'clock-o',
    },
  },
});
