import {
  choicesOf,
  type ChoiceField,
  type Condition,
  type Field,
  type InputKind,
  type NodeTable,
  type Limits,
  type StoredCheck,
} from '../../nodes/shared/field-table';
import { TABLES } from '../../nodes/tables';

/**
 * The fields of a node type as a Markdown table: label, name in a flow file, values and default.
 * @param labels the catalogue's labels by field
 * @param options the catalogue's texts of choices
 */
export function fieldTable(type: string, labels: Texts, options: Texts): string {
  const table = TABLES.get(type);
  if (!table) throw new Error(`nodes/tables.ts does not list ${type}`);
  return describedFields(table, labels, options);
}

/** The same of a table that `nodes/tables.ts` need not list. */
export function describedFields(
  { fields: described }: NodeTable,
  labels: Texts,
  options: Texts = {},
): string {
  const fields = Object.entries(described);
  const rows = fields.map(([name, field]) => {
    const since = field.since ? ` (since ${field.since})` : '';
    const stored = field.kind === 'typed' ? `\`${name}\`, \`${name}Type\`` : `\`${name}\``;
    return `| ${labels[name] ?? name}${since} | ${stored} | ${taken(field, options)}${condition(field)} | ${standard(field)} |`;
  });
  return ['| field | in a flow file | takes | default |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

type Texts = Readonly<Record<string, string>>;

const TYPED: Readonly<Record<InputKind, string>> = {
  call: 'a call',
  text: 'text',
  number: 'number',
  headers: 'headers',
  codecs: 'names of codecs',
  source: 'a sound',
  bargeIn: 'keys',
  privacy: 'privacy',
  rows: 'a table',
};

function taken(field: Field, options: Texts): string {
  switch (field.kind) {
    case 'choice':
      return explained(field, options);
    case 'choices':
      return `list of ${names(choicesOf(field))}; empty: all`;
    case 'number':
      return number(field);
    case 'typed':
      return field.input === 'number' ? number(field) : TYPED[field.input];
    case 'flag':
      return '`true`, `false`';
    case 'list':
      return 'list of names, in order';
    case 'words':
      return 'list of text';
    case 'configs':
      return `list of ids of \`${field.of}\` nodes; empty: those that nodes of its tab use`;
    case 'checks':
      return 'list of checks, see below';
    case 'node':
    case 'config':
      return `id of a \`${field.of}\` node`;
    case 'property':
      return 'name of a message property';
    case 'secret':
      return 'text; a credential, never in a flow file';
    case 'branches':
      return 'list of `{match, label}`, an output each';
    case 'text':
      return field.sound ? 'a sound, as text' : 'text';
  }
}

/** The values of a choice, each with its text in the form where that says more. */
function explained(field: ChoiceField, options: Texts): string {
  const keys = field.choices as Readonly<Record<string, string>>;
  const each = choicesOf(field).map((value) => {
    const text = options[Array.isArray(field.choices) ? value : (keys[value] ?? value)];
    const plain = text === undefined || text.toLowerCase().replaceAll(' ', '-') === value;
    return plain ? `\`${value}\`` : `\`${value}\` (${text.replace(/ \((.*)\)$/, ', $1')})`;
  });
  return each.join(', ');
}

function number({ min, max, whole, off }: Limits): string {
  const kind = `${off ? '0, or ' : ''}${whole ? 'whole number' : 'number'}`;
  if (max === undefined) return min === undefined ? kind : `${kind}, at least ${min}`;
  return `${kind}, ${min} to ${max}`;
}

function condition({ when = {} }: Field): string {
  const all = Object.entries(when).map(([name, each]) => `\`${name}\` ${spoken(each)}`);
  return all.length > 0 ? `; only if ${all.join(' and ')}` : '';
}

function spoken(each: Condition): string {
  const either = (values: readonly (string | boolean)[]): string =>
    values.map((value) => (value === '' ? 'blank' : `\`${value}\``)).join(' or ');
  if ('is' in each) return `is ${either(each.is)}`;
  return 'not' in each ? `is not ${either(each.not)}` : `is ${each.from} to ${each.to}`;
}

function standard(field: Field): string {
  if (field.kind === 'secret') return '';
  const { value } = field;
  const type = field.kind === 'typed' ? ` (${field.type})` : '';
  if (field.kind === 'checks') return field.value.map(spelledOut).join(', ');
  if (field.kind === 'branches') return field.value.map(({ match }) => `\`${match}\``).join(', ');
  if (value instanceof Array) return value.length > 0 ? names(value as readonly string[]) : 'none';
  return `${value === '' ? 'blank' : `\`${value}\``}${type}`;
}

const spelledOut = ({ subject, operator, value }: StoredCheck): string =>
  `\`${subject} ${operator} ${value}\``;

const names = (values: readonly string[]): string => values.map((value) => `\`${value}\``).join(', ');
