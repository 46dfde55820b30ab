import {
  choicesOf,
  rowsOf,
  type Field,
  type Limits,
  type NodeTable,
  type StoredBranch,
  type StoredCheck,
} from '../../nodes/shared/field-table';
import { TABLES } from '../../nodes/tables';

/** Texts of a node in one language, as its catalogue has them. */
export interface Catalogue {
  label: Texts;
  option?: Texts;
  hint?: Texts;
}

/** The words that every help text needs for the fields, as the catalogue of sip-instance has them (`fields`). */
export interface FieldWords {
  heading: string;
  standard: string;
  blank: string;
  /** By kind of field, and of a typed field by its input. */
  kind: Texts;
  /** Ranges of numbers, with `__min__` and `__max__`. */
  range: string;
  atLeast: string;
  off: string;
  on: string;
  not: string;
  /** Where a credential is kept. */
  secret: string;
  /** The type of a config node, as `__type__`. */
  config: string;
}

type Texts = Readonly<Record<string, string>>;

const REFERENCES = /\n {2}<h3>(?:References|참고)<\/h3>/;

/**
 * A help text with a section that lists the fields of the form in their order: label, kind, values, hint and default,
 * all from the node's table and the catalogue of the language. It stands before the references.
 *
 * @throws Error for a type without a table and for a field without a label
 */
export function helpWithFields(source: string, catalogue: Catalogue, words: FieldWords): string {
  const [, type = ''] = /data-help-name="([\w-]+)"/.exec(source) ?? [];
  const table = TABLES.get(type);
  if (!table) throw new Error(`a help text is for a type that has no table: ${type}`);
  const section = fieldSection(table, catalogue, words);
  const at = REFERENCES.exec(source)?.index ?? source.lastIndexOf('\n</script>');
  return `${source.slice(0, at)}\n${section}${source.slice(at)}`;
}

/** The section alone; empty for a node without fields. */
export function fieldSection(table: NodeTable, catalogue: Catalogue, words: FieldWords): string {
  const names = [...new Set([...rowsOf(table), ...Object.keys(table.fields)])];
  const entries = names.map((name) => entry(name, table.fields[name], catalogue, words));
  if (entries.length === 0) return '';
  return [`  <h3>${words.heading}</h3>`, '  <dl class="message-properties">', ...entries, '  </dl>'].join(
    '\n',
  );
}

function entry(
  name: string,
  field: Field,
  { label, option = {}, hint = {} }: Catalogue,
  words: FieldWords,
): string {
  const caption = label[name];
  if (caption === undefined) throw new Error(`the catalogue has no label for the field "${name}"`);
  const kind = words.kind[kindOf(field)];
  if (kind === undefined) throw new Error(`no word for the kind of the field "${name}"`);
  const sentences = [
    values(field, option, words),
    field.hint === true && escaped(hint[name] ?? ''),
    standard(field, option, words),
  ].filter((text): text is string => Boolean(text));
  const said = sentences.map((text) => (text.endsWith('.') ? text : `${text}.`)).join(' ');
  return `    <dt>${escaped(caption)} <span class="property-type">${kind}</span></dt>\n    <dd>${said}</dd>`;
}

/** By which a catalogue names the kind of a field. */
function kindOf(field: Field): string {
  if (field.kind === 'typed') return field.input;
  return field.kind === 'text' && field.sound ? 'source' : field.kind;
}

function values(field: Field, option: Texts, words: FieldWords): string | undefined {
  if (field.kind === 'choice' || field.kind === 'choices') {
    return choicesOf(field)
      .map((value) => optionText(field, value, option))
      .join(', ');
  }
  if (field.kind === 'number' || (field.kind === 'typed' && field.input === 'number'))
    return range(field, words);
  return undefined;
}

function range({ min, max, off }: Limits, words: FieldWords): string | undefined {
  if (min === undefined) return undefined;
  const limits = (max === undefined ? words.atLeast : words.range)
    .replace('__min__', String(min))
    .replace('__max__', String(max));
  return off ? words.off.replace('__limits__', limits) : limits;
}

function standard(field: Field, option: Texts, words: FieldWords): string {
  if (field.kind === 'secret') return words.secret;
  if (field.kind === 'config' || field.kind === 'node')
    return words.config.replace('__type__', `<code>${field.of}</code>`);
  const { value } = field;
  return words.standard.replace('__value__', spoken(value));

  function spoken(given: typeof value): string {
    if (typeof given === 'boolean') return given ? words.on : words.not;
    if (typeof given !== 'string')
      return given.length > 0 ? escaped(given.map(listed).join(', ')) : words.blank;
    if (given === '') return words.blank;
    return field.kind === 'choice' ? optionText(field, given, option) : `<code>${escaped(given)}</code>`;
  }
}

/** An entry of a list; of a check what it says. */
function listed(entry: string | StoredCheck | StoredBranch): string {
  if (typeof entry === 'string') return entry;
  return 'match' in entry
    ? entry.match
    : [entry.subject, entry.operator, entry.value].filter(Boolean).join(' ');
}

function optionText(field: Field & { kind: 'choice' | 'choices' }, value: string, option: Texts): string {
  const { choices } = field;
  const key = choices instanceof Array ? value : choices[value];
  const text = option[key];
  return text === undefined ? `<code>${escaped(value)}</code>` : escaped(text);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
