import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import vm from 'node:vm';
import { editorFile } from '../../../scripts/forms';
import { ownPackage, root } from './node-red';

/** What a validator answers: true, or what is wrong. */
export type Validator = (this: Record<string, unknown>, value: unknown, opt?: object) => unknown;

export interface EditorDefinition {
  category: string;
  color: string;
  icon: string;
  inputs?: number;
  outputs?: number;
  /** The field whose entries have an output each. */
  outputsOf?: string;
  defaults: Record<string, { value: unknown; validate?: Validator; type?: string; required?: boolean }>;
  credentials?: Record<string, unknown>;
  migrations?: readonly object[];
  label(this: Record<string, unknown>): string;
  paletteLabel?(this: Record<string, unknown>): string;
  outputLabels?(this: Record<string, unknown>, index: number): string;
}

export interface NodeSet {
  name: string;
  folder: string;
  type: string;
  html: string;
  source: string;
  definition: EditorDefinition;
}

export type Catalogue = { [key: string]: string | Catalogue };
export const LANGUAGES = ['en-US', 'ko'] as const;

/** Every node set that package.json names, as the editor reads it. */
export function nodeSets(): NodeSet[] {
  return Object.entries(ownPackage['node-red'].nodes).map(([name, file]) => {
    const source = join(root, file.replace(/^dist\//, '').replace(/\.js$/, ''));
    const html = editorFile(readFileSync(`${source}.html`, 'utf8'));
    const { type, definition } = register(html);
    return {
      name,
      folder: dirname(source),
      type,
      html,
      source: readFileSync(`${source}.ts`, 'utf8'),
      definition,
    };
  });
}

export function catalogue(set: NodeSet, language: string): Catalogue {
  return JSON.parse(readFileSync(localePath(set, language, 'json'), 'utf8')) as Catalogue;
}

export function help(set: NodeSet, language: string): string {
  const path = localePath(set, language, 'html');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** All keys of a catalogue, joined with dots. */
export function keysOf(entries: Catalogue, prefix = ''): string[] {
  return Object.entries(entries).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${prefix}${key}`] : keysOf(value, `${prefix}${key}.`),
  );
}

export function lookUp(entries: Catalogue, key: string): string | undefined {
  let found: string | Catalogue | undefined = entries;
  for (const part of key.split('.')) found = typeof found === 'object' ? found[part] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** A node as a validator sees it: its fields, and `_` that answers with the key and what goes into it. */
export function editorNode(
  definition: EditorDefinition,
  fields: Record<string, unknown> = {},
): Record<string, unknown> {
  const stored = Object.entries(definition.defaults).map(([name, { value }]) => [name, value] as const);
  return { ...Object.fromEntries(stored), ...fields, _: spoken };
}

/** The config nodes that validators find in the flows. */
export const phonesOfFlows: Record<string, unknown>[] = [];

/** Runs an editor script against the little of the editor that it needs while it registers. */
function register(html: string): { type: string; definition: EditorDefinition } {
  const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
  const found: { type: string; definition: EditorDefinition }[] = [];
  const context = sharedScript((type, definition) => found.push({ type, definition }));
  vm.runInContext(script, context);
  const [only] = found;
  if (!only || found.length !== 1) throw new Error('an editor file registers exactly one type');
  return only;
}

/** Scripts of the package in the editor. */
const SCRIPTS = readdirSync(join(root, 'resources')).filter((file) => file.endsWith('.js'));

/** A context in which the scripts that all forms share have run. */
function sharedScript(
  registerType: (type: string, definition: EditorDefinition) => void = () => undefined,
): vm.Context {
  const element = { appendChild: () => undefined };
  const sandbox = {
    document: { createElement: () => ({}), head: element },
    $: () => ({ val: () => undefined }),
    RED: {
      _: spoken,
      settings: { apiRootUrl: '' },
      events: { on: () => undefined },
      utils: {
        validateTypedProperty: () => true,
        validatePropertyExpression: (v: string) => /^[a-z_$][\w$.[\]"']*$/i.test(v),
      },
      nodes: {
        registerType,
        workspace: () => undefined,
        eachConfig: (look: (node: object) => void) => phonesOfFlows.forEach(look),
      },
      editor: { getEditStack: () => [] },
    },
  };
  const context = vm.createContext(sandbox);
  vm.runInContext('window = globalThis', context);
  for (const file of SCRIPTS) vm.runInContext(readFileSync(join(root, 'resources', file), 'utf8'), context);
  return context;
}

/** The sentences of the forms about a sound, with keys for texts. */
export function audioSentences(reports: readonly object[], strict: boolean): string[] {
  const { sipflow } = sharedScript() as {
    sipflow: { audioSentences(reports: readonly object[], strict: boolean): string[] };
  };
  // Arrays of that context are foreign here.
  return [...sipflow.audioSentences(reports, strict)];
}

/** The fields that a stored node lacks, as its open form fills them in. */
export function missingFields(
  node: Record<string, unknown>,
  { defaults, migrations }: EditorDefinition,
): Record<string, unknown> {
  const { sipflow } = sharedScript() as {
    sipflow: { missingFields(node: object, definition: object): Record<string, unknown> };
  };
  // Lists of that context are foreign here.
  return JSON.parse(JSON.stringify(sipflow.missingFields(node, { defaults, migrations }))) as Record<
    string,
    unknown
  >;
}

/** A stored node as the editor migrates it. */
export function migratedByEditor(
  node: Record<string, unknown>,
  { migrations = [] }: EditorDefinition,
): Record<string, unknown> {
  const { sipflow } = sharedScript() as {
    sipflow: { migrated(node: object, migrations: readonly object[]): object };
  };
  return JSON.parse(JSON.stringify(sipflow.migrated(node, migrations))) as Record<string, unknown>;
}

function spoken(key: string, options?: Record<string, unknown>): string {
  return options ? `${key} ${JSON.stringify(options)}` : key;
}

function localePath(set: NodeSet, language: string, extension: string): string {
  const file = ownPackage['node-red'].nodes[set.name] ?? '';
  return join(set.folder, 'locales', language, `${basename(file, '.js')}.${extension}`);
}
