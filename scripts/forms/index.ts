import { TABLES } from '../../nodes/tables';
import { definition } from './definition';
import { Rows } from './rows';

export { helpWithFields } from './help';

/** Scripts that every editor file loads, in any order; the editor waits for all. */
const SCRIPTS = [
  'sipflow-editor.js',
  'sipflow-inputs.js',
  'sipflow-checks.js',
  'sipflow-branches.js',
  'sipflow-start.js',
  'sipflow-form.js',
]
  .map((file) => `<script src="resources/@sipflow/node-red-sipflow/${file}"></script>\n`)
  .join('');

const REGISTRATION = /RED\.nodes\.registerType\('([\w-]+)', \{\n([\s\S]*?)\n {2}\}\);/;

/**
 * The editor file of a node as Node-RED loads it: the form and the stored fields from the node's table, and the content
 * of its file in `nodes/`.
 */
export function editorFile(source: string): string {
  const [registration, type = '', own = ''] = REGISTRATION.exec(source) ?? [];
  const table = TABLES.get(type);
  if (!registration || !table) throw new Error(`an editor file registers no type that has a table: ${type}`);
  const config = /^\s*category: 'config',$/m.test(own);
  const form = new Rows(table, config ? 'node-config-input' : 'node-input').form();
  const whole = registration.replace(own, () => `${own}\n${definition(table, own).trimEnd()}`);
  return [
    `${SCRIPTS}\n<script type="text/html" data-template-name="${type}">\n${form}\n</script>\n\n`,
    source.replace(registration, () => whole),
  ].join('');
}
