import type { Field, Limits, NodeTable } from '../../nodes/shared/field-table';
import { MIGRATIONS, STORED_VERSION } from '../../nodes/shared/migrations';

/**
 * Properties that are added to the definition in the editor file of a node, as source text for `registerType`:
 * `defaults` as a literal, which tools such as Node-RED's scorecard read, credentials, migrations, and those common to
 * all types.
 * @param own the definition in the editor file
 */
export function definition(table: NodeTable, own: string): string {
  const secrets = Object.entries(table.fields).filter(([, { kind }]) => kind === 'secret');
  const migrations = MIGRATIONS[table.type];
  const says = (name: string): boolean => new RegExp(`^\\s*${name}:`, 'm').test(own);
  const usual = Object.entries(USUAL).filter(
    ([name]) => !says(name) && (name !== 'inputLabels' || /^\s*inputs: [1-9]/m.test(own)),
  );
  return [
    `defaults: {\n      ${defaults(table).join(',\n      ')},\n    }`,
    ...(secrets.length > 0 ? [`credentials: ${credentials(secrets)}`] : []),
    ...(table.outputsOf === undefined ? [] : [`outputsOf: '${table.outputsOf}'`]),
    ...(migrations ? [`migrations: ${JSON.stringify(migrations)}`] : []),
    ...usual.map(([name, body]) => `${name}: ${body}`),
  ]
    .map((entry) => `    ${entry},\n`)
    .join('');
}

/** Written into each definition, because the editor calls them before the form's script can add them. */
const USUAL = {
  inputLabels: "function () { return this._('input'); }",
  paletteLabel: "function () { return this._('node'); }",
  label: "function () { return this.name || this._('node'); }",
  labelStyle: 'sipflow.labelStyle',
};

function defaults({ fields, outputs, outputsOf }: NodeTable): string[] {
  const entries = Object.entries(fields).filter(([, { kind }]) => kind !== 'secret');
  return [
    "name: { value: '' }",
    ...entries.flatMap(([name, field]) => [
      `${name}: { ${properties(name, field).join(', ')} }`,
      ...(field.kind === 'typed' ? [`${name}Type: { value: ${literal(field.type)} }`] : []),
    ]),
    ...(outputsOf === undefined
      ? []
      : [`outputs: { value: ${outputCount({ fields, outputs, outputsOf })} }`]),
    `version: { value: ${STORED_VERSION} }`,
  ];
}

/** How many outputs a new node has. */
function outputCount({ fields, outputs = [], outputsOf = '' }: Partial<NodeTable>): number {
  const branches = fields?.[outputsOf]?.value;
  return (Array.isArray(branches) ? branches.length : 0) + outputs.length - 1;
}

function credentials(secrets: readonly (readonly [string, Field])[]): string {
  return `{ ${secrets.map(([name]) => `${name}: { type: 'password' }`).join(', ')} }`;
}

function properties(name: string, field: Field): string[] {
  const validate = validator(name, field);
  return [
    `value: ${literal(field.value)}`,
    ...(field.kind === 'config' ? [`type: '${field.of}', required: ${field.required}`] : []),
    // Node-RED gives a node that is imported a new id wherever a field of this type names it; as a list (`[]`), because it
    // would take the type of a single id for that of a config node.
    ...(field.kind === 'node' ? [`type: '${field.of}[]'`] : []),
    ...(field.kind === 'text' && field.required ? ['required: true'] : []),
    ...(validate ? [`validate: ${validate}`] : []),
  ];
}

/** The call of `sipflow.valid` that makes the field's validator; none where every value is right. */
function validator(name: string, field: Field): string | undefined {
  const check = 'check' in field && field.check ? `sipflow.check.${field.check}` : undefined;
  const made = (kind: string, ...args: (string | undefined)[]): string =>
    `sipflow.valid.${kind}(${[`'${name}'`, ...args.filter((arg) => arg !== undefined)].join(', ')})`;
  switch (field.kind) {
    case 'number':
      return made('number', limits(field), check);
    case 'typed':
      return field.input === 'number'
        ? made('typed', `sipflow.check.number(${[limits(field), check].filter(Boolean).join(', ')})`)
        : made('typed', check);
    case 'text':
    case 'property':
      return check && made('text', check);
    case 'list':
    case 'words':
      return check && made('list', check);
    case 'node':
      return made('node', `'${field.of}'`);
    case 'checks':
      return made('checks');
    case 'branches':
      return made('branches');
    default:
      return undefined;
  }
}

function limits({ min, max, whole, off }: Limits): string {
  const set = Object.entries({ min, max, whole, off }).filter(([, value]) => value !== undefined);
  return `{ ${set.map(([name, value]) => `${name}: ${value}`).join(', ')} }`;
}

/** A value as source text, in the quotation marks of this project. */
function literal(value: Field['value']): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `'${value.replace(/['\\]/g, '\\$&')}'`;
  return `[${value.map((each) => (typeof each === 'string' ? literal(each) : object(each))).join(', ')}]`;
}

function object(entries: object): string {
  return `{ ${Object.entries(entries)
    .map(([name, value]: [string, string]) => `${name}: ${literal(value)}`)
    .join(', ')} }`;
}
