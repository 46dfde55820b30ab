import { DEFAULTS } from '../../lib/common';
import { CALL, MAX_DURATION } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const recordFields = nodeTable({
  type: 'sip-record',
  outputs: ['finished', 'failed', 'started'],
  fields: {
    ...CALL,
    file: {
      kind: 'typed',
      input: 'text',
      value: '{{timestamp}}-{{from}}-{{to}}.wav',
      type: 'str',
      check: 'required',
      icon: 'file-audio-o',
      hint: true,
    },
    channels: {
      kind: 'choice',
      value: 'mixed',
      choices: ['mixed', 'stereo', 'received', 'sent'],
      icon: 'columns',
    },
    beep: { kind: 'flag', value: false },
    ...MAX_DURATION,
    silenceStop: {
      kind: 'typed',
      input: 'number',
      value: String(DEFAULTS.silenceStop),
      type: 'num',
      min: 0,
      icon: 'volume-off',
    },
    silenceLevel: {
      kind: 'typed',
      input: 'number',
      value: String(DEFAULTS.silenceLevel),
      type: 'num',
      min: -90,
      max: 0,
      icon: 'signal',
      when: { silenceStop: { not: ['0', ''] } },
    },
    terminator: { kind: 'typed', input: 'text', value: '', type: 'str', check: 'keys', icon: 'stop' },
  },
});
