/**
 * Writes docs/nodes.md from the English help texts, labels and defaults of the nodes, so that the reference and the
 * editor say the same. With `--check` it writes nothing and fails when the file is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { tsImport } from 'tsx/esm/api';
import { computedFields, propertyValues, sampleFlow, samplesOf } from './reference-samples.mjs';

const { fieldTable } = await tsImport('./forms/reference.ts', import.meta.url);

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'docs/nodes.md');
const ENTITIES = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&nbsp;': ' ', '&amp;': '&' };

const read = (path) => readFileSync(join(root, path), 'utf8');

/** Help texts with a table of the fields, in the order in which the package declares its nodes. */
function helpTexts() {
  const { nodes } = JSON.parse(read('package.json'))['node-red'];
  return Object.values(nodes).map((compiled) => {
    const [, folder, name] = /dist\/nodes\/([^/]+)\/([^/]+)\.js$/.exec(compiled) ?? [];
    const html = read(`nodes/${folder}/locales/en-US/${name}.html`);
    const [, type, body] = /data-help-name="([^"]+)">([\s\S]*?)<\/script>/.exec(html) ?? [];
    if (!type) throw new Error(`no help text in the file of ${name}`);
    const { label, option, output } = JSON.parse(read(`nodes/${folder}/locales/en-US/${name}.json`));
    const fields = `### Fields\n\n${fieldTable(type, label, option ?? {})}`;
    const [purpose, ...rest] = toMarkdown(body).split('\n\n');
    const references = rest.findIndex((text) => text.startsWith('### References'));
    rest.splice(references < 0 ? rest.length : references, 0, samplesOf(type, output));
    return [`## \`${type}\``, purpose, fields, ...rest].filter(Boolean).join('\n\n');
  });
}

/** Every error code, with the sentence that the editor has for it. */
function errorCodes() {
  const { fault } = JSON.parse(read('nodes/sip-instance/locales/en-US/sip-instance.json'));
  const rows = Object.entries(fault).filter(([code]) => code === code.toUpperCase());
  return [
    '| code | meaning |',
    '| --- | --- |',
    ...rows.map(([code, text]) => `| \`${code}\` | ${text} |`),
  ].join('\n');
}

/** The tags that Node-RED's help style allows, as Markdown; an unknown tag is a fault of the help text. */
function toMarkdown(html) {
  const lines = [];
  const lists = [];
  let line = '';
  let href = '';
  const flush = () => {
    const text = line.replace(/\s+/g, ' ').trim();
    if (text) lines.push(text);
    line = '';
  };
  const item = (bullet) => {
    flush();
    lines.push(`${'   '.repeat(Math.max(0, lists.length - 1))}${bullet} `);
  };
  const append = () => {
    const text = line.replace(/\s+/g, ' ').trim();
    if (text) lines[lines.length - 1] += text;
    line = '';
  };
  let inItem = false;
  for (const [token] of html.matchAll(/<[^>]+>|[^<]+/g)) {
    if (!token.startsWith('<')) {
      line += token.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity);
      continue;
    }
    const [, close, tag] = /^<(\/?)([a-z0-9]+)/i.exec(token) ?? [];
    const end = close === '/';
    switch (tag) {
      case 'p':
        if (inItem) append();
        else flush();
        if (!inItem) lines.push('');
        break;
      case 'h3':
        flush();
        if (!end) lines.push('');
        line = end ? '' : '### ';
        break;
      case 'ol':
      case 'ul':
      case 'dl':
        if (inItem) append();
        inItem = false;
        if (end) lists.pop();
        else lists.push(tag);
        if (lists.length === 0) lines.push('');
        break;
      case 'li':
        if (end) append();
        else item(lists.at(-1) === 'ol' ? '1.' : '-');
        inItem = !end;
        break;
      case 'dt':
        if (!end) {
          item('-');
          line = '`';
        }
        break;
      case 'dd':
        if (end) append();
        else line += ' – ';
        break;
      case 'span':
        line = end ? `${line.trimEnd()})` : `${line.trimEnd()}\` (`;
        break;
      case 'code':
        line += '`';
        break;
      case 'b':
        line += '**';
        break;
      case 'i':
        line += '_';
        break;
      case 'a':
        line += end ? `](${href})` : '[';
        if (!end) href = /href="([^"]+)"/.exec(token)?.[1] ?? '';
        break;
      default:
        throw new Error(`the help text has a tag that the reference does not know: ${token}`);
    }
  }
  flush();
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const text = `# Node reference

Made by \`npm run docs\` from the texts and forms of the editor; change those, not this file.

Every node has a \`name\` besides the fields below. A field with a companion such as \`targetType\` can be computed: the
type says where its value comes from. \`str\`, \`num\` and \`json\` are the value itself; \`msg\`, \`flow\` and \`global\` name a property,
\`env\` an environment variable, \`jsonata\` is an expression; \`none\`, \`any\` and \`instance\` have no value. Every field accepts
\`\${NAME}\` for an environment variable.

${computedFields()}

The samples show what an output adds to the message that came in, or replaces on it; everything else on the message goes on
as it was. Headers are shortened. \`msg.call\` goes on too: it is the call for every node behind.

A field that a flow leaves out has its default. This is a whole flow: phone 201 calls phone 202 and sends digits; 202 answers,
collects them and hangs up.

${sampleFlow()}

${helpTexts().join('\n\n')}

## Values

The properties whose values are a fixed set.

${propertyValues()}

## Error codes

In \`msg.error.code\` behind a **catch** node, and in \`msg.failure.code\` of every output _failed_; the message beside it
says what to do. Codes never change their names.

${errorCodes()}
`;
const formatted = await format(text, { ...(await resolveConfig(target)), parser: 'markdown' });
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== formatted) {
    console.error('docs/nodes.md is not what the help texts say: run "npm run docs".');
    process.exit(1);
  }
} else {
  writeFileSync(target, formatted);
}
