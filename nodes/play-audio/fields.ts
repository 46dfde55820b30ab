import { CALL, MAX_DURATION } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const playAudioFields = nodeTable({
  type: 'sip-play-audio',
  outputs: ['completed', 'interrupted', 'ended', 'started'],
  fields: {
    ...CALL,
    source: {
      kind: 'typed',
      input: 'source',
      value: '',
      type: 'str',
      check: 'required',
      icon: 'volume-up',
      hint: true,
      live: 'sipflow-audio-info',
    },
    bargeIn: {
      kind: 'typed',
      input: 'bargeIn',
      value: '',
      type: 'none',
      check: 'keys',
      icon: 'hand-pointer-o',
    },
    offset: { kind: 'typed', input: 'number', value: '0', type: 'num', min: 0, icon: 'step-forward' },
    maxDuration: { ...MAX_DURATION.maxDuration, hint: true },
    loop: { kind: 'flag', value: false },
    strict: { kind: 'flag', value: false },
  },
});
