import { SipflowError } from '../../lib/common';
import {
  choicesOf,
  type ChoiceOf,
  type FieldSet,
  type NamesOf,
  type NodeTable,
  type StoredBranch,
  type StoredCheck,
} from './field-table';
import { isBlank, kindOf, rejectUnresolvedEnv, toNumber, toText } from './field-values';
import type { SipNodeDef } from './flow-types';
import { migrated } from './migrations';

/**
 * The stored fields of one node that are the same for every message, as its table describes them. A field that the
 * stored node lacks has the default of the table. Every fault is a SipflowError that names the field.
 */
export class StoredFields<F extends FieldSet = FieldSet> {
  protected readonly config: SipNodeDef;

  constructor(
    protected readonly table: NodeTable<F>,
    stored: SipNodeDef,
  ) {
    this.config = migrated({ ...stored, type: table.type });
  }

  flag(name: NamesOf<F, 'flag'>): boolean {
    const stored = this.stored(name);
    return stored === true || stored === 'true';
  }

  /** One of the values of the table; blank is the default. Throws BAD_CONFIG. */
  choice<N extends NamesOf<F, 'choice'>>(name: N): ChoiceOf<F[N]> {
    const field = this.field(name, 'choice');
    const text = toText(name, this.stored(name)) || field.value;
    return oneOf(name, text, choicesOf(field), 'must be one of') as ChoiceOf<F[N]>;
  }

  /** Those values of the table that are chosen. Throws BAD_CONFIG. */
  chosen<N extends NamesOf<F, 'choices'>>(name: N): ChoiceOf<F[N]>[] {
    const allowed = choicesOf(this.field(name, 'choices'));
    return [this.stored(name) ?? []]
      .flat()
      .filter((item) => item !== '')
      .map((item) => oneOf(name, item, allowed, 'may list') as ChoiceOf<F[N]>);
  }

  /** Text that is written into the field; blank is ''. Throws BAD_CONFIG. */
  plainText(name: NamesOf<F, 'text'>): string {
    return toText(name, this.stored(name));
  }

  /** A number that is written into the field; blank is the default. Throws BAD_CONFIG. */
  plainNumber(name: NamesOf<F, 'number'>): number {
    const field = this.field(name, 'number');
    const stored = this.stored(name);
    rejectUnresolvedEnv(name, stored);
    return toNumber(name, stored, { ...field, fallback: Number(field.value) });
  }

  /** Like `plainNumber`; undefined when it is blank. */
  numberIfAny(name: NamesOf<F, 'number'>): number | undefined {
    return isBlank(this.stored(name)) ? undefined : this.plainNumber(name);
  }

  /** A list, or a text with its entries between commas, blanks or line breaks. Throws BAD_CONFIG. */
  words(name: NamesOf<F, 'words' | 'text'>): string[] {
    return [this.stored(name) ?? []]
      .flat()
      .flatMap((entry) => toText(name, entry).split(/[\s,;]+/))
      .filter((entry) => entry !== '');
  }

  /**
   * The rows of a list as one text, since a variable may hold the whole list ("PCMA, PCMU"): each row is itself one.
   * Throws BAD_CONFIG.
   */
  listed(name: NamesOf<F, 'list'>): string {
    const rows = [this.stored(name) ?? []].flat().map((row) => {
      rejectUnresolvedEnv(name, row);
      if (typeof row === 'string') return row;
      const sentence = `The field "${name}" must be a list of names; it holds ${kindOf(row)}.`;
      throw new SipflowError('BAD_CONFIG', sentence);
    });
    return rows.join(',');
  }

  /** The entries of a list, without blank ones. Throws BAD_CONFIG. */
  entries(name: NamesOf<F, 'list'>): string[] {
    return [this.stored(name) ?? []]
      .flat()
      .map((entry) => {
        rejectUnresolvedEnv(name, entry);
        return toText(name, entry).trim();
      })
      .filter((entry) => entry !== '');
  }

  /** The id of a node; blank is ''. Throws BAD_CONFIG. */
  nodeId(name: NamesOf<F, 'node'>): string {
    return toText(name, this.stored(name));
  }

  /** The ids of config nodes. Throws BAD_CONFIG. */
  ids(name: NamesOf<F, 'configs'>): string[] {
    return [this.stored(name) ?? []].flat().map((id) => toText(name, id));
  }

  /** The checks of a list, as they are stored. Throws BAD_CONFIG for what is none, and for no check at all. */
  checks(name: NamesOf<F, 'checks'>): StoredCheck[] {
    const stored = this.stored(name);
    rejectUnresolvedEnv(name, stored);
    const checks = Array.isArray(stored) ? (stored as unknown[]) : [stored];
    const strange = checks.find((check) => typeof check !== 'object' || check === null);
    if (strange === undefined && checks.length > 0) return checks as StoredCheck[];
    const found = checks.length === 0 ? 'it is empty' : `it holds ${kindOf(strange)}`;
    throw new SipflowError('BAD_CONFIG', `The field "${name}" must be a list of checks; ${found}.`);
  }

  /** The branches of a node, as they are stored. Throws BAD_CONFIG for what is none. */
  branches(name: NamesOf<F, 'branches'>): StoredBranch[] {
    const stored = this.stored(name);
    rejectUnresolvedEnv(name, stored);
    const rows: unknown[] = Array.isArray(stored) ? stored : [stored];
    return rows.map((row, index) => {
      if (typeof row !== 'object' || row === null) {
        const sentence = `The field "${name}" must be a list of choices; it holds ${kindOf(row)}.`;
        throw new SipflowError('BAD_CONFIG', sentence);
      }
      const part = (key: 'match' | 'label'): string =>
        toText(`${name}[${index}].${key}`, (row as Record<string, unknown>)[key]);
      return { match: part('match'), label: part('label') };
    });
  }

  /** Value of a field in the flow; its default when absent. */
  protected stored(name: string): unknown {
    const stored = this.config[name];
    return stored === undefined || stored === null ? this.table.fields[name]?.value : stored;
  }

  protected field<K extends F[string]['kind']>(name: string, kind: K): Extract<F[string], { kind: K }> {
    const field = this.table.fields[name];
    if (field?.kind === kind) return field as Extract<F[string], { kind: K }>;
    throw new SipflowError('INTERNAL', `${this.table.type} has no field "${name}" of the kind ${kind}.`);
  }
}

function oneOf(name: string, value: unknown, allowed: readonly string[], rule: string): string {
  rejectUnresolvedEnv(name, value);
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "${name}" ${rule} ${allowed.join(', ')}; it ${rule === 'may list' ? 'holds' : 'is'} ${kindOf(value)}.`,
  );
}
