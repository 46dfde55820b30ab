/** Samples of messages and the values of their properties, from `docs/samples`, for the reference. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../docs/samples');

/**
 * @param {string} type a node's type
 * @param {Record<string, string>} labels the labels of its outputs, by name
 * @returns {string} the properties that each output adds to the message, as Markdown; '' for a node without samples
 */
export function samplesOf(type, labels = {}) {
  const file = join(folder, `${type}.json`);
  if (!existsSync(file)) return '';
  const samples = Object.entries(JSON.parse(readFileSync(file, 'utf8')));
  const texts = samples.map(([output, msg]) => {
    const title = `Output ${Object.keys(labels).indexOf(output) + 1}, _${labels[output].replace(/ __\w+__/, '')}_`;
    if (Object.keys(msg).length === 0) return `${title}: nothing is added.`;
    return `${title}:\n\n\`\`\`json\n${JSON.stringify(msg, null, 2)}\n\`\`\``;
  });
  return ['### Samples', ...texts].join('\n\n');
}

/** Every property whose values are a fixed set, with their meanings, as Markdown. */
export function propertyValues() {
  const values = JSON.parse(readFileSync(join(folder, 'values.json'), 'utf8'));
  return Object.entries(values)
    .map(([property, meanings]) => {
      const rows = Object.entries(meanings).map(([value, meaning]) => `| \`${value}\` | ${meaning} |`);
      return [`| \`${property}\` | meaning |`, '| --- | --- |', ...rows].join('\n');
    })
    .join('\n\n');
}

/** A whole flow, as a block of JSON. */
export function sampleFlow() {
  return `\`\`\`json\n${readFileSync(join(folder, 'flow.json'), 'utf8')}\`\`\``;
}

/** Values and types of each kind of computed field, as a Markdown table. */
export function computedFields() {
  const kinds = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8'));
  const rows = Object.values(kinds).map(({ types, value, sample }) => {
    const written = Object.entries(sample).map(([name, text]) => `"${name}": ${JSON.stringify(text)}`);
    return `| ${value} | ${types.map((type) => `\`${type}\``).join(', ')} | \`${written.join(', ')}\` |`;
  });
  return ['| value | types | in a flow file |', '| --- | --- | --- |', ...rows].join('\n');
}
