import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

describe('the links of the documents', () => {
  for (const file of documents()) {
    it(`lead somewhere in ${relative(ROOT, file)}`, () => {
      const broken = linksOf(file).filter((link) => !leadsSomewhere(file, link));
      assert.deepEqual(broken, []);
    });

    it(`and paths of this repository exist in ${relative(ROOT, file)}`, () => {
      const missing = pathsOf(file).filter((path) => !existsSync(join(ROOT, path)));
      assert.deepEqual(missing, []);
    });
  }
});

/** Markdown files of the root and of `docs`, at any depth. */
function documents(): string[] {
  const root = readdirSync(ROOT).map((name) => join(ROOT, name));
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(ROOT, 'docs', name),
  );
  return [...root, ...docs].filter((file) => file.endsWith('.md') && statSync(file).isFile());
}

/** Paths in backticks that begin with a folder of the repository; what a file of the history says no longer holds. */
function pathsOf(file: string): string[] {
  if (file.endsWith('CHANGELOG.md')) return [];
  const quoted = [
    ...readFileSync(file, 'utf8').matchAll(/`((?:lib|nodes|test|scripts|bench|docs|cli)\/[\w./-]+)`/g),
  ];
  return quoted.map((match) => match[1] ?? '');
}

/** Targets of links and images, without those to other hosts. */
function linksOf(file: string): string[] {
  const targets = [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return targets.filter((target) => !/^(?:https?:|mailto:)/.test(target));
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : resolve(dirname(from), decodeURIComponent(path));
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(target).has(decodeURIComponent(anchor));
}

/** Anchors as GitHub makes them: lower case, spaces to hyphens, punctuation left out, `-1` for a second one. */
function anchorsOf(file: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose(file).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count++) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The text of a document without its blocks of code. */
function prose(file: string): string {
  return readFileSync(file, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
}
