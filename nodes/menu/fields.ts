import { DEFAULTS } from '../../lib/common';
import { CALL } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

export const menuFields = nodeTable({
  type: 'sip-menu',
  outputs: ['choice', 'noInput', 'invalid', 'ended'],
  outputsOf: 'choices',
  fields: {
    ...CALL,
    prompt: {
      kind: 'typed',
      input: 'source',
      value: '',
      type: 'str',
      icon: 'volume-up',
      hint: true,
      live: 'sipflow-audio-info',
    },
    choices: { kind: 'branches', value: [{ match: '1', label: '' }], icon: 'sitemap', hint: true },
    bargeIn: { kind: 'flag', value: true },
    firstDigitTimeout: {
      kind: 'number',
      value: String(DEFAULTS.firstDigitTimeout),
      min: DEFAULTS.digitTimeoutFloor,
      icon: 'clock-o',
    },
    interDigitTimeout: {
      kind: 'number',
      value: String(DEFAULTS.interDigitTimeout),
      min: DEFAULTS.digitTimeoutFloor,
      icon: 'clock-o',
      hint: true,
    },
    tries: { kind: 'number', value: '3', min: 1, max: 20, whole: true, icon: 'repeat' },
    noInputPrompt: { kind: 'text', sound: true, value: '', icon: 'volume-off' },
    invalidPrompt: { kind: 'text', sound: true, value: '', icon: 'volume-down', hint: true },
    terminator: { kind: 'text', value: '', check: 'keys', icon: 'stop' },
  },
});
