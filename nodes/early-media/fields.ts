import { CALL, HEADERS } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const earlyMediaFields = nodeTable({
  type: 'sip-early-media',
  outputs: ['done', 'failed', 'started'],
  fields: {
    ...CALL,
    source: {
      kind: 'typed',
      input: 'source',
      value: 'sipflow:announcement',
      type: 'str',
      icon: 'volume-up',
      hint: true,
      live: 'sipflow-audio-info',
    },
    loop: { kind: 'flag', value: false },
    reliable: { kind: 'flag', value: false },
    ...HEADERS,
  },
});
