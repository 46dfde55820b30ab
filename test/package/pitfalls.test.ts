import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

describe('the list of pitfalls', () => {
  const rows = [...readFileSync(join(ROOT, 'docs/pitfalls.md'), 'utf8').matchAll(/^\| (\d+) .*\|(.*)\|$/gm)];

  it('has all 13', () => {
    assert.deepEqual(
      rows.map(([, number]) => Number(number)),
      Array.from({ length: 13 }, (_, index) => index + 1),
    );
  });

  for (const [, number, guards] of rows) {
    it(`names files that guard number ${number}`, () => {
      const files = [...guards.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path);
      assert.ok(files.length > 0);
      for (const file of files) {
        const texts = testsBelow(join(ROOT, file)).map((path) => readFileSync(path, 'utf8'));
        assert.ok(
          texts.some((text) => text.includes(`pitfall ${number}:`)),
          `${file} has no test titled "pitfall ${number}: …"`,
        );
      }
    });
  }
});

/** The test file of that path, or those anywhere below the folder. */
function testsBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(path, file));
}
