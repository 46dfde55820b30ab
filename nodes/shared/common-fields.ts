import { DEFAULTS } from '../../lib/common';
import type { FieldSet } from './field-table';

/** The longest call that anyone can ask for, in seconds: 24 days, since a timer of JavaScript reaches no further. */
export const LONGEST_CALL = 2_073_600;

/** Which call a node acts on. */
export const CALL = {
  call: { kind: 'typed', input: 'call', value: 'call', type: 'msg', check: 'required', icon: 'phone' },
} as const satisfies FieldSet;

/** The phone that a node belongs to. */
export const INSTANCE = {
  instance: { kind: 'config', of: 'sip-instance', value: '', required: true, icon: 'id-badge' },
} as const satisfies FieldSet;

/** Extra header fields of the messages that a node sends. */
export const HEADERS = {
  headers: { kind: 'typed', input: 'headers', value: '', type: 'none', icon: 'list-alt' },
} as const satisfies FieldSet;

/** The codecs of one call, when they are not those of its phone. */
export const CODECS = {
  codecs: { kind: 'typed', input: 'codecs', value: '', type: 'instance', check: 'codecs', icon: 'exchange' },
} as const satisfies FieldSet;

/** Where a node that makes calls writes their references. */
export const CALL_PROPERTY = {
  callProperty: { kind: 'property', value: 'call', check: 'property', icon: 'pencil-square-o' },
} as const satisfies FieldSet;

/** How long something may last that a call carries, in seconds; 0: as long as it likes. */
export const MAX_DURATION = {
  maxDuration: {
    kind: 'typed',
    input: 'number',
    value: String(DEFAULTS.maxDuration),
    type: 'num',
    min: 0,
    icon: 'hourglass-end',
  },
} as const satisfies FieldSet;

/** The ways in which digits are sent. */
export const DTMF_METHODS = ['auto', 'rfc4733', 'info', 'inband'] as const;
