import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { requireOfNodeRed } from '../support/node-red-path';

const ROOT = resolve(__dirname, '../..');
const LANGUAGES = ['en-US', 'ko'] as const;

/** Names in italics that are no texts of this package: Node-RED's own, and the name of the palette's category. */
const ELSEWHERE = new Set([
  ...['Deploy', 'Full', 'Modified Flows', 'Modified Nodes', 'CA Certificate', 'complete msg object'],
  ...['배포하기', '팔렛트 관리'],
]);

describe('the guide', () => {
  for (const [korean, english] of translations()) {
    it(`gives the same commands in ${korean} as in ${english}`, () => {
      assert.deepEqual(commandsOf(korean), commandsOf(english));
      assert.ok(
        read(korean).includes('[English]') && read(english).includes('[한국어]'),
        'no link to the other',
      );
    });
  }

  for (const language of LANGUAGES) {
    const texts = editorTexts(language);
    const names = exampleNames();
    for (const file of guide(language)) {
      it(`names fields and choices as the editor does in ${file}`, () => {
        const unknown = italics(file).filter(
          (name) => !texts.has(name) && !names.has(name) && !ELSEWHERE.has(name) && !name.includes('→'),
        );
        assert.deepEqual(unknown, []);
      });
    }
  }

  it('makes of numbers what its dial plan says, by the expression in it', async () => {
    const jsonata = requireOfNodeRed('jsonata') as (expression: string) => {
      evaluate(input: object): Promise<unknown>;
    };
    for (const file of ['docs/guide/dial-plans.md', 'docs/guide/ko/dial-plans.md']) {
      const text = read(file);
      const expression = jsonata(/^```jsonata\n([\s\S]*?)^```/m.exec(text)?.[1] ?? '');
      const rows = [...text.matchAll(/^\| `([^`]+)` +\| `(\+\d+)` +\|$/gm)];
      assert.equal(rows.length, 4, file);
      const kept = ['119', '*43', 'sip:200@pbx.lan'].map((number) => [number, number]);
      for (const [to, called] of [...rows.map((row) => row.slice(1)), ...kept])
        assert.equal(await expression.evaluate({ to }), called, `${file}: ${to}`);
    }
  });

  it('gives phones numbers that no example has', () => {
    const taken = new Set(exampleNodes().flatMap(({ dn }) => (dn === undefined ? [] : [dn])));
    for (const file of ['docs/guide/first-call.md', 'docs/guide/ko/first-call.md']) {
      const own =
        read(file)
          .split(/^## (?:Your own flow|플로우 직접 만들기)$/m)[1]
          ?.split(/^## /m)[0] ?? '';
      const numbers = [...own.matchAll(/`(\d{3,5})`/g)].map((match) => match[1] ?? '');
      assert.ok(numbers.length >= 2, file);
      assert.deepEqual(
        numbers.filter((number) => taken.has(number)),
        [],
        file,
      );
    }
  });
});

/** Every Korean document, with the English one that it translates. */
function translations(): [korean: string, english: string][] {
  const pages = readdirSync(join(ROOT, 'docs/guide/ko')).map((name): [string, string] => [
    `docs/guide/ko/${name}`,
    `docs/guide/${name}`,
  ]);
  return [['README.ko.md', 'README.md'], ...pages];
}

function guide(language: (typeof LANGUAGES)[number]): string[] {
  const pages = translations().map(([korean]) => korean);
  if (language === 'ko') return pages;
  const english = readdirSync(join(ROOT, 'docs/guide')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'docs/security.md', ...english.map((name) => `docs/guide/${name}`)];
}

/** The lines of a document's shell blocks, and the commands in the first column of its tables. */
function commandsOf(file: string): string[] {
  const blocks = [...read(file).matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '');
  const rows = [...read(file).matchAll(/^\| `(npm [^`]+)`/gm)].map((match) => match[1] ?? '');
  return [...blocks, ...rows];
}

/** Names in italics, of one word that begins with a capital letter or of several words. */
function italics(file: string): string[] {
  const prose = read(file)
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`]*`/g, '');
  return [...prose.matchAll(/(?<![\w*])_([^_\n]+(?:\n[^_\n]+)?)_(?!\w)/g)]
    .map((match) => (match[1] ?? '').replace(/\s+/g, ' '))
    .filter((name) => /^[A-Z]|[가-힣]/.test(name));
}

/** Every text of the catalogues, also without what stands in parentheses at its end. */
function editorTexts(language: string): Set<string> {
  const texts = new Set<string>();
  const add = (value: unknown): void => {
    if (typeof value === 'string') texts.add(value).add(value.replace(/\s*\([^)]*\)$/, ''));
    else for (const each of Object.values(value as object)) add(each);
  };
  const parents = ['nodes', 'plugins'].flatMap((kind) =>
    readdirSync(join(ROOT, kind)).map((folder) => `${kind}/${folder}/locales/${language}`),
  );
  for (const folder of parents) {
    for (const name of namesIn(folder)) {
      if (name.endsWith('.json')) add(JSON.parse(read(`${folder}/${name}`)));
    }
  }
  return texts;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(join(ROOT, folder));
  } catch {
    return []; // nodes/shared has no texts
  }
}

interface ExampleNode {
  name?: string;
  label?: string;
  dn?: string;
}

function exampleNodes(): ExampleNode[] {
  const files = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.json'));
  return files.flatMap((name) => JSON.parse(read(`examples/${name}`)) as ExampleNode[]);
}

/** Names of the examples and of their nodes. */
function exampleNames(): Set<string> {
  return new Set(exampleNodes().flatMap(({ name, label }) => [name ?? '', label ?? '']));
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
