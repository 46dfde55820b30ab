import { makeCallFields } from '../make-call/fields';
import { CALL, CALL_PROPERTY } from '../shared/common-fields';
import { inNewNode, nodeTable } from '../shared/field-table';

export const dialFields = nodeTable({
  type: 'sip-dial',
  outputs: ['ended', 'failed', 'joined'],
  fields: {
    ...CALL,
    ...inNewNode(makeCallFields.fields),
    target: {
      kind: 'typed',
      input: 'text',
      value: '',
      type: 'str',
      check: 'targets',
      icon: 'phone-square',
      hint: true,
    },
    order: {
      kind: 'choice',
      value: 'parallel',
      choices: ['parallel', 'sequential'],
      icon: 'sort-amount-asc',
    },
    onFailure: { kind: 'choice', value: 'reject', choices: ['reject', 'keep'], icon: 'reply' },
    ringback: {
      kind: 'typed',
      input: 'source',
      value: 'tone:ringback-us',
      type: 'str',
      icon: 'volume-up',
      hint: true,
      live: 'sipflow-audio-info',
    },
    // Where the bridge node looks for its other call.
    callProperty: { ...CALL_PROPERTY.callProperty, value: 'peer' },
  },
  rows: [
    ...['call', 'instance', 'target', 'order', 'ringTimeout', 'ringback', 'onFailure'],
    ...['from', 'fromName', 'privacy', 'maxCallDuration', 'codecs', 'headers'],
    ...['retries', 'retryPause', 'retryOn', 'followRedirects', 'lateOffer', 'callProperty'],
  ],
});
