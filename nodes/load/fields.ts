import { ROWS_ORDERS } from '../../lib/load';
import { nodeTable } from '../shared/field-table';

export const loadFields = nodeTable({
  type: 'sip-load',
  outputs: ['finished', 'sample'],
  fields: {
    case: { kind: 'node', of: 'sip-test-case', value: '', icon: 'flask', hint: true },
    stages: {
      kind: 'text',
      value: '10/s for 30s',
      required: true,
      check: 'stages',
      icon: 'line-chart',
      hint: true,
    },
    maxCalls: {
      kind: 'number',
      value: '',
      min: 1,
      max: 1_000_000,
      whole: true,
      icon: 'compress',
      hint: true,
    },
    total: {
      kind: 'number',
      value: '',
      min: 1,
      max: 1_000_000_000,
      whole: true,
      icon: 'step-forward',
      hint: true,
    },
    rows: { kind: 'typed', input: 'rows', value: '', type: 'none', icon: 'table', hint: true },
    rowsOrder: { kind: 'choice', value: 'sequential', choices: ROWS_ORDERS, icon: 'random' },
    seed: { kind: 'number', value: '', min: 0, max: 0xffff_ffff, whole: true, icon: 'pagelines', hint: true },
    expect: { kind: 'list', value: [], check: 'thresholds', icon: 'check-square-o', hint: true },
    probe: { kind: 'flag', value: true, hint: true },
  },
});
