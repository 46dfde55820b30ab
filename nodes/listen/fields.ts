import { CALL } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const listenFields = nodeTable({
  type: 'sip-listen',
  outputs: ['heard', 'notHeard', 'ended'],
  fields: {
    ...CALL,
    for: {
      kind: 'choice',
      value: 'prompt',
      choices: ['prompt', 'speech', 'end-of-speech', 'silence', 'tone', 'answerer'],
      icon: 'assistive-listening-systems',
    },
    reference: {
      kind: 'typed',
      input: 'source',
      value: '',
      type: 'str',
      icon: 'volume-up',
      hint: true,
      when: { for: { is: ['prompt', 'tone', 'answerer'] } },
    },
    threshold: {
      kind: 'number',
      value: '',
      min: 0,
      max: 1,
      placeholder: true,
      icon: 'tachometer',
      when: { for: { is: ['prompt'] } },
    },
    timeout: { kind: 'number', value: '30', min: 0.1, max: 86400, icon: 'clock-o' },
    silence: {
      kind: 'number',
      value: '1',
      min: 0.1,
      max: 600,
      icon: 'volume-off',
      when: { for: { is: ['end-of-speech', 'silence'] } },
    },
    since: {
      kind: 'choice',
      value: 'now',
      choices: ['now', 'start', 'sent'],
      icon: 'step-backward',
      hint: true,
    },
    capture: { kind: 'flag', value: false, hint: true },
  },
});
