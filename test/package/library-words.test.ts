import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './support/node-red';

/** Words of Node-RED and of its editor, which mean nothing to a program that uses the library. */
const WORDS = /\b(nodes?|msg|flows?|(?:re)?deploy\w*|node-red|editor|palette|inject|catch|config node)\b/i;
/** Fewer words make a name, not a sentence. */
const LEAST_WORDS = 3;

/** Labels of the phone's form, which sentences quote. */
const labels = Object.values(
  (
    JSON.parse(readFileSync(join(root, 'nodes/sip-instance/locales/en-US/sip-instance.json'), 'utf8')) as {
      label: Record<string, string>;
    }
  ).label,
);

/** Every text in the source, with what templates insert left out. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    else if (ts.isTemplateExpression(node)) {
      found.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…'));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('sentences of the library', () => {
  const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.includes('generated'),
  );
  const sentences = files.flatMap((file) =>
    textsOf(join(root, 'lib', file))
      .filter((text) => text.trim().split(/\s+/).length >= LEAST_WORDS)
      .map((text) => `${file}: ${text}`),
  );

  it('are found', () => assert.ok(sentences.length > 200, String(sentences.length)));

  it('have no words of Node-RED', () => {
    assert.deepEqual(
      sentences.filter((sentence) => WORDS.test(sentence.slice(sentence.indexOf(': ')))),
      [],
    );
  });

  it('name settings as the library does, not as the form does', () => {
    const quoting = sentences.filter((sentence) => labels.some((label) => sentence.includes(`"${label}"`)));
    assert.deepEqual(quoting, []);
  });
});
