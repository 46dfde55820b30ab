/** What an editor file says about the fields of its node, for the reference. */
import vm from 'node:vm';

/**
 * @param {string} html the editor file of a node
 * @param {Record<string, string>} labels the catalogue's labels by field
 * @returns a Markdown table: each field by its label, by its name in a flow file, and what it is when nobody sets it
 */
export function fieldTable(html, labels) {
  const { defaults, credentials = {} } = definitionOf(html);
  const names = Object.keys(defaults).filter((name) => !['name', 'version'].includes(name));
  const typed = new Set(names.filter((name) => `${name}Type` in defaults));
  const rows = names
    .filter((name) => !(name.endsWith('Type') && typed.has(name.slice(0, -4))))
    .map((name) => {
      const choices = choicesOf(html, name).map((choice) => `\`${choice}\``);
      const type = typed.has(name) ? `, \`${name}Type\`` : '';
      const values = choices.length > 0 ? `: ${choices.join(', ')}` : '';
      const of = typed.has(name) ? ` (${defaults[`${name}Type`].value})` : '';
      return `| ${labels[name] ?? name} | \`${name}\`${type}${values} | ${defaultText(defaults[name].value)}${of} |`;
    });
  const secrets = Object.keys(credentials).map(
    (name) => `| ${labels[name] ?? name} | \`${name}\`, a credential: never in a flow file | |`,
  );
  return ['| field | in a flow file | default |', '| --- | --- | --- |', ...rows, ...secrets].join('\n');
}

/** The definition that an editor file registers; what its forms call is not needed for that. */
function definitionOf(html) {
  const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
  const anything = new Proxy(() => anything, { get: () => anything });
  let found;
  const registerType = (_type, definition) => (found = definition);
  vm.runInNewContext(script, { sipflow: anything, RED: { nodes: { registerType } } });
  if (!found) throw new Error('an editor file registers no type');
  return found;
}

/** The values of a field that is a choice; none of any other. A blank one means what the phone says. */
function choicesOf(html, name) {
  const [, options = ''] =
    new RegExp(`<select id="node-(?:config-)?input-${name}">([\\s\\S]*?)</select>`).exec(html) ?? [];
  return [...options.matchAll(/<option value="([^"]*)"/g)].map((match) => match[1]).filter(Boolean);
}

function defaultText(value) {
  if (Array.isArray(value)) return value.length > 0 ? value.map((each) => `\`${each}\``).join(', ') : 'none';
  return value === '' ? 'blank' : `\`${value}\``;
}
