import { DEFAULTS } from '../../lib/common';
import { CALL, DTMF_METHODS } from '../shared/common-fields';
import { nodeTable } from '../shared/field-table';

/** Of a key that is pressed, and of the silence behind it, in milliseconds. */
const KEY_MS = { min: 40, max: 8000 } as const;

export const sendDtmfFields = nodeTable({
  type: 'sip-send-dtmf',
  outputs: ['sent', 'failed'],
  fields: {
    ...CALL,
    digits: { kind: 'typed', input: 'text', value: '', type: 'str', check: 'digits', icon: 'th', hint: true },
    method: { kind: 'choice', value: DEFAULTS.dtmfMethod, choices: DTMF_METHODS, icon: 'exchange' },
    toneMs: {
      kind: 'typed',
      input: 'number',
      value: String(DEFAULTS.toneMs),
      type: 'num',
      ...KEY_MS,
      icon: 'arrows-h',
    },
    gapMs: {
      kind: 'typed',
      input: 'number',
      value: String(DEFAULTS.gapMs),
      type: 'num',
      ...KEY_MS,
      icon: 'ellipsis-h',
    },
  },
});

/** Only a gather has an end; a stream goes on until the call is over. */
const GATHERS = { mode: { is: ['gather'] } } as const;

export const receiveDtmfFields = nodeTable({
  type: 'sip-receive-dtmf',
  outputs: ['matched', 'timeout', 'invalid', 'ended'],
  fields: {
    ...CALL,
    mode: { kind: 'choice', value: 'gather', choices: ['gather', 'stream'], icon: 'list' },
    prompt: {
      kind: 'typed',
      input: 'source',
      value: '',
      type: 'str',
      icon: 'volume-up',
      hint: true,
      live: 'sipflow-audio-info',
      when: GATHERS,
      since: '0.3.0',
    },
    flush: { kind: 'flag', value: false },
    terminator: {
      kind: 'typed',
      input: 'text',
      value: '#',
      type: 'str',
      check: 'keys',
      icon: 'stop',
      when: GATHERS,
    },
    maxDigits: {
      kind: 'typed',
      input: 'number',
      value: '0',
      type: 'num',
      min: 0,
      max: DEFAULTS.digitBuffer,
      whole: true,
      icon: 'arrow-up',
      when: GATHERS,
    },
    minDigits: {
      kind: 'typed',
      input: 'number',
      value: '1',
      type: 'num',
      min: 0,
      max: DEFAULTS.digitBuffer,
      whole: true,
      check: 'minDigits',
      icon: 'arrow-down',
      when: GATHERS,
    },
    pattern: {
      kind: 'typed',
      input: 'text',
      value: '',
      type: 'str',
      check: 'pattern',
      icon: 'asterisk',
      when: GATHERS,
    },
    firstDigitTimeout: {
      kind: 'typed',
      input: 'number',
      value: String(DEFAULTS.firstDigitTimeout),
      type: 'num',
      min: DEFAULTS.digitTimeoutFloor,
      icon: 'clock-o',
      when: GATHERS,
    },
    interDigitTimeout: {
      kind: 'typed',
      input: 'number',
      value: String(DEFAULTS.interDigitTimeout),
      type: 'num',
      min: DEFAULTS.digitTimeoutFloor,
      icon: 'clock-o',
      when: GATHERS,
    },
    methods: {
      kind: 'choices',
      value: [],
      choices: ['rfc4733', 'info', 'inband'],
      icon: 'exchange',
      hint: true,
    },
  },
  rows: [
    ...['call', 'mode', 'prompt', 'terminator', 'maxDigits', 'minDigits', 'pattern'],
    ...['firstDigitTimeout', 'interDigitTimeout', 'methods', 'flush'],
  ],
});
