import { CODECS, HEADERS } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

const INSIDE = { inside: { is: [true] } } as const;
const OUTSIDE = { inside: { is: [false] } } as const;

export const requestFields = nodeTable({
  type: 'sip-request',
  outputs: ['answered', 'failed'],
  fields: {
    method: {
      kind: 'typed',
      input: 'text',
      value: 'INFO',
      type: 'str',
      check: 'required',
      icon: 'paper-plane-o',
      hint: true,
    },
    inside: { kind: 'flag', value: true },
    call: {
      kind: 'typed',
      input: 'call',
      value: 'call',
      type: 'msg',
      check: 'required',
      icon: 'phone',
      when: INSIDE,
    },
    instance: {
      kind: 'config',
      of: 'sip-instance',
      value: '',
      required: false,
      icon: 'id-badge',
      when: OUTSIDE,
    },
    target: {
      kind: 'typed',
      input: 'text',
      value: '',
      type: 'str',
      icon: 'user-o',
      when: OUTSIDE,
    },
    contentType: { kind: 'typed', input: 'text', value: 'text/plain', type: 'str', icon: 'file-o' },
    body: { kind: 'typed', input: 'text', value: '', type: 'str', icon: 'align-left' },
    headers: { ...HEADERS.headers },
    codecs: { ...CODECS.codecs, when: INSIDE },
    timeout: {
      kind: 'typed',
      input: 'number',
      value: '',
      type: 'num',
      min: 0.1,
      max: 32,
      icon: 'clock-o',
    },
  },
});
