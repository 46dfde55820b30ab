import { CALL } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const conferenceFields = nodeTable({
  type: 'sip-conference',
  outputs: ['left', 'failed', 'joined'],
  fields: {
    ...CALL,
    action: { kind: 'choice', value: 'join', choices: ['join', 'leave'], icon: 'sign-in' },
    room: {
      kind: 'typed',
      input: 'text',
      value: 'main',
      type: 'str',
      check: 'required',
      icon: 'users',
      hint: true,
      when: { action: { is: ['join'] } },
    },
  },
});
