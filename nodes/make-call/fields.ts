import { DEFAULTS } from '../../lib/common';
import { CALL_PROPERTY, CODECS, HEADERS, INSTANCE, LONGEST_CALL } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const makeCallFields = nodeTable({
  type: 'sip-make-call',
  fields: {
    ...INSTANCE,
    target: { kind: 'typed', input: 'text', value: '', type: 'str', check: 'target', icon: 'phone' },
    from: {
      kind: 'typed',
      input: 'text',
      value: '',
      type: 'str',
      check: 'caller',
      icon: 'user',
      since: '0.2.0',
    },
    fromName: { kind: 'typed', input: 'text', value: '', type: 'str', icon: 'id-card-o', since: '0.2.0' },
    privacy: {
      kind: 'typed',
      input: 'privacy',
      value: '',
      type: 'str',
      check: 'privacy',
      icon: 'user-secret',
      since: '0.2.0',
    },
    ...HEADERS,
    ...CODECS,
    ringTimeout: {
      kind: 'typed',
      input: 'number',
      value: String(DEFAULTS.ringTimeout),
      type: 'num',
      min: 0.1,
      max: 3600,
      icon: 'clock-o',
    },
    maxCallDuration: {
      kind: 'typed',
      input: 'number',
      value: '',
      type: 'num',
      min: 0,
      max: LONGEST_CALL,
      icon: 'hourglass-end',
      since: '0.2.0',
    },
    followRedirects: { kind: 'flag', value: false },
    lateOffer: { kind: 'flag', value: false },
    ...CALL_PROPERTY,
  },
  rows: [
    ...['instance', 'target', 'from', 'fromName', 'privacy', 'ringTimeout', 'maxCallDuration'],
    ...['codecs', 'headers', 'followRedirects', 'lateOffer', 'callProperty'],
  ],
});
