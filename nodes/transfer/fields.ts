import { CALL, HEADERS } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const transferFields = nodeTable({
  type: 'sip-transfer',
  outputs: ['transferred', 'progress', 'failed'],
  fields: {
    ...CALL,
    kind: {
      kind: 'choice',
      value: 'blind',
      choices: ['blind', 'attended', 'accept', 'decline'],
      icon: 'share',
    },
    target: {
      kind: 'typed',
      input: 'text',
      value: '',
      type: 'str',
      check: 'blindTarget',
      icon: 'user',
      when: { kind: { is: ['blind'] } },
    },
    consultCall: {
      kind: 'typed',
      input: 'call',
      value: 'consult',
      type: 'msg',
      check: 'consultCall',
      icon: 'phone-square',
      when: { kind: { is: ['attended'] } },
    },
    headers: { ...HEADERS.headers, when: { kind: { is: ['blind', 'attended'] } } },
  },
});
