import { CALL } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const bridgeFields = nodeTable({
  type: 'sip-bridge',
  outputs: ['ended', 'failed', 'bridged'],
  fields: {
    ...CALL,
    peerCall: {
      kind: 'typed',
      input: 'call',
      value: 'peer',
      type: 'msg',
      check: 'required',
      icon: 'phone-square',
    },
  },
});
