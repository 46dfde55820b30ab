import { nodeTable } from '../shared/field-table';

export const testCaseFields = nodeTable({
  type: 'sip-test-case',
  outputs: ['start', 'verdict', 'done'],
  fields: {
    title: { kind: 'text', value: '', icon: 'bookmark-o', hint: true },
    tags: { kind: 'words', value: [], icon: 'tags', hint: true },
    timeout: { kind: 'number', value: '60', min: 0.1, max: 86_400, icon: 'clock-o', hint: true },
    retries: { kind: 'number', value: '0', min: 0, max: 100, whole: true, icon: 'repeat' },
    rows: { kind: 'typed', input: 'rows', value: '', type: 'none', icon: 'table', hint: true },
    rowsAtOnce: {
      kind: 'number',
      value: '1',
      min: 1,
      max: 1000,
      whole: true,
      check: 'rowsAtOnce',
      icon: 'clone',
      hint: true,
    },
    phones: { kind: 'configs', of: 'sip-instance', value: [], icon: 'id-badge', hint: true },
    sharedPhones: { kind: 'flag', value: false, hint: true },
    marks: { kind: 'flag', value: true, hint: true },
  },
});
