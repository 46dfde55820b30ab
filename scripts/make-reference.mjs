/**
 * Writes docs/nodes.md from the English help texts of the nodes, so that the reference and the editor's help are one
 * text. With `--check` it writes nothing and fails when the file is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'docs/nodes.md');
const ENTITIES = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&nbsp;': ' ', '&amp;': '&' };

/** Help files in the order in which the package declares its nodes. */
function helpTexts() {
  const { nodes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))['node-red'];
  return Object.values(nodes).map((compiled) => {
    const [, folder, name] = /dist\/nodes\/([^/]+)\/([^/]+)\.js$/.exec(compiled) ?? [];
    const html = readFileSync(join(root, `nodes/${folder}/locales/en-US/${name}.html`), 'utf8');
    const [, type, body] = /data-help-name="([^"]+)">([\s\S]*?)<\/script>/.exec(html) ?? [];
    if (!type) throw new Error(`no help text in the file of ${name}`);
    return `## \`${type}\`\n\n${toMarkdown(body)}`;
  });
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

Made by \`npm run docs\` from the help texts of the editor; change those, not this file.

${helpTexts().join('\n\n')}
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
