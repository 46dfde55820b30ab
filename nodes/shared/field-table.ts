/** The types that a typed input offers, by its purpose; the editor's `types` has the same names. */
export type InputKind =
  'call' | 'text' | 'number' | 'headers' | 'codecs' | 'source' | 'bargeIn' | 'privacy' | 'rows';

/** When a row of the form applies: by another field that is one of these values, none of them, or in a range. */
export type Condition =
  | { is: readonly (string | boolean)[] }
  | { not: readonly (string | boolean)[] }
  | { from: number; to: number };

interface Common<V> {
  /** Value of a new node, and of a stored node that lacks the field. */
  value: V;
  /** Font Awesome's name of the picture before the label. */
  icon?: string;
  /** The catalogue explains the field: `hint.<field>`. */
  hint?: true;
  /** Shown while the field is blank: text, or `placeholder.<field>` of the catalogue when true. */
  placeholder?: string | true;
  /** The id of a line below the field that the form keeps up to date. */
  live?: string;
  /** The row is shown only while all of these hold, by other fields' names. */
  when?: Readonly<Record<string, Condition>>;
  /** The version of the package that has it first; none: 0.1.0. */
  since?: string;
}

/** Inclusive limits of a number. */
export interface Limits {
  min?: number;
  max?: number;
  whole?: true;
  /** 0 is possible too, outside of the limits: it switches the thing off. */
  off?: true;
}

/** A check of the editor: a name of `sipflow.check` in resources/sipflow-editor.js. */
interface Checked {
  check?: string;
}

/** Text in a plain box. */
export interface TextField extends Common<string>, Checked {
  kind: 'text';
  /** Blank is no value. */
  required?: true;
  /** It names a sound. */
  sound?: true;
}
/** A number in a plain box, stored as text. */
export interface NumberField extends Common<string>, Checked, Limits {
  kind: 'number';
  /** The other end of a range, which stands in the same row. */
  upTo?: string;
}
/** A value that may be computed for each message: `<field>Type`, stored beside it, says how. */
export interface TypedField extends Common<string>, Checked, Limits {
  kind: 'typed';
  input: InputKind;
  /** The default of `<field>Type`. */
  type: string;
}
/** The name of a message property. */
export interface PropertyField extends Common<string>, Checked {
  kind: 'property';
}
export interface FlagField extends Common<boolean> {
  kind: 'flag';
}
/** One of several values. Each has a text `option.<value>`, or the key that stands beside it. */
export interface ChoiceField extends Common<string> {
  kind: 'choice';
  choices: readonly string[] | Readonly<Record<string, string>>;
}
/** Any number of several values; none means all. */
export interface ChoicesField extends Common<readonly string[]> {
  kind: 'choices';
  choices: readonly string[];
}
/** Names in an order that counts, one in a row. */
export interface ListField extends Common<readonly string[]>, Checked {
  kind: 'list';
}
/** A list that is written as one text with commas. */
export interface WordsField extends Common<readonly string[]>, Checked {
  kind: 'words';
}
/** The id of a config node. */
export interface ConfigField extends Common<''> {
  kind: 'config';
  of: string;
  required: boolean;
}
/** The id of a node of a type that is no config node. */
export interface NodeField extends Common<''> {
  kind: 'node';
  of: string;
}
/** The ids of several config nodes; none means that the node finds them itself. */
export interface ConfigsField extends Common<readonly string[]> {
  kind: 'configs';
  of: string;
}
/** One check of a list, as flows store it. */
export interface StoredCheck {
  subject: string;
  /** What the subject is of: a header field, a message property, an expression, a sound. */
  name?: string;
  /** The SIP message that it is read from: `INVITE`, `200`; blank is the latest that has it. */
  message?: string;
  operator: string;
  value?: string;
  valueType?: string;
  severity?: string;
}
/** What a subject's values are, and what it needs besides: the form offers the operators and inputs that fit. */
export interface SubjectField {
  /** Heading under which the form lists it. */
  group: string;
  value: 'flag' | 'number' | 'text' | 'any' | readonly string[];
  /** The check has a name: `check.<subject>` of the catalogue says of what. */
  named?: true;
  /** The check may choose a SIP message. */
  ofMessage?: true;
}
/** A list of checks, each with its subject, operator and value. */
export interface ChecksField extends Common<readonly StoredCheck[]>, Checked {
  kind: 'checks';
  subjects: Readonly<Record<string, SubjectField>>;
}
/** One branch of a node, as flows store it: it has an output of its own. */
export interface StoredBranch {
  match: string;
  label: string;
}
/** Branches in the order of their outputs. */
export interface BranchesField extends Common<readonly StoredBranch[]> {
  kind: 'branches';
}
/** A credential, which Node-RED keeps apart from the flow. */
export interface SecretField extends Common<''> {
  kind: 'secret';
}

export type Field =
  | TextField
  | NumberField
  | TypedField
  | PropertyField
  | FlagField
  | ChoiceField
  | ChoicesField
  | ListField
  | WordsField
  | ConfigField
  | NodeField
  | ConfigsField
  | ChecksField
  | BranchesField
  | SecretField;

export type FieldSet = Readonly<Record<string, Field>>;

/**
 * The fields of a node type, in the order in which flows store them: the source for the run time, the form and
 * docs/nodes.md. `name` and `version`, which all types have, are not among them.
 */
export interface NodeTable<F extends FieldSet = FieldSet> {
  type: string;
  fields: F;
  /** The rows of the form in their order, where it is not that of `fields`; by tab in a form with tabs. */
  rows?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Names of the outputs, in their order, as in the catalogues; the steps of a test have them. */
  outputs?: readonly string[];
  /** The field of branches: each of them has an output in the place of the first one of `outputs`. */
  outputsOf?: string;
}

/** Keeps the exact names, kinds and choices of a table, so that reading a field that is none does not compile. */
export function nodeTable<const F extends FieldSet>(table: NodeTable<F>): NodeTable<F> {
  return table;
}

/** Fields of an older node, in one that has had them from its first version on. */
export function inNewNode<F extends FieldSet>(fields: F): { [K in keyof F]: Omit<F[K], 'since'> } {
  const bare = Object.entries(fields).map(([name, { since: _, ...field }]) => [name, field]);
  return Object.fromEntries(bare) as { [K in keyof F]: Omit<F[K], 'since'> };
}

/** The names of the fields of these kinds. */
export type NamesOf<F extends FieldSet, K extends Field['kind']> = {
  [N in keyof F]: F[N] extends { kind: K } ? N : never;
}[keyof F] &
  string;

/** The names of the fields that are computed by this kind of typed input. */
export type TypedNamesOf<F extends FieldSet, I extends InputKind> = {
  [N in keyof F]: F[N] extends { kind: 'typed'; input: I } ? N : never;
}[keyof F] &
  string;

/** The values that a choice can have. */
export type ChoiceOf<C> = C extends { choices: infer V }
  ? V extends readonly (infer S)[]
    ? S & string
    : keyof V & string
  : never;

/** Value of a number field: undefined only where blank is its default. */
export type NumberOf<C> = C extends { value: '' } ? number | undefined : number;

/** The values of a choice, in the order of the form. */
export function choicesOf(field: ChoiceField | ChoicesField): readonly string[] {
  return Array.isArray(field.choices) ? (field.choices as readonly string[]) : Object.keys(field.choices);
}

/** Rows of a form without tabs; all rows of one that has some. */
export function rowsOf({ fields, rows }: NodeTable): readonly string[] {
  if (!rows) return Object.keys(fields);
  return Array.isArray(rows) ? (rows as readonly string[]) : Object.values(rows).flat();
}
