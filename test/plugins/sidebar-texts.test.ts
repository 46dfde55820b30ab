import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysOf, LANGUAGES, lookUp, type Catalogue } from '../package/support/editor';
import { root } from '../package/support/node-red';

const CLIENT = join(root, 'plugins/sipflow/client');
const catalogue = (language: string): Catalogue =>
  JSON.parse(
    readFileSync(join(root, `plugins/sipflow/locales/${language}/sipflow.json`), 'utf8'),
  ) as Catalogue;
/** All of the script. */
const source = readdirSync(CLIENT)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(CLIENT, file), 'utf8'))
  .join('\n');

describe('the texts of the sidebar', () => {
  it('are the same in both languages, with the same values in them, and none is empty', () => {
    const [english, korean] = LANGUAGES.map(catalogue) as [Catalogue, Catalogue];
    assert.deepEqual(keysOf(english).sort(), keysOf(korean).sort());
    const valuesOf = (text = ''): string[] => (text.match(/__\w+__/g) ?? []).sort();
    for (const key of keysOf(english)) {
      assert.ok(lookUp(english, key)?.trim() && lookUp(korean, key)?.trim(), key);
      assert.deepEqual(valuesOf(lookUp(korean, key)), valuesOf(lookUp(english, key)), key);
    }
  });

  it('exist for all that the script says, and it says all of them', () => {
    const literal = [...source.matchAll(/\bsay(?:Or)?\(\s*'([\w.]+)'/g)].map(([, key = '']) => key);
    const chosen = [...source.matchAll(/'((?:phones|call|tests)\.\w+)'/g)].map(([, key = '']) => key);
    const made = [...source.matchAll(/\bsay(?:Or)?\(\s*`(\w+)\.\$\{/g)].map(([, group = '']) => group);
    const english = catalogue('en-US');
    for (const key of [...literal, ...chosen]) assert.ok(lookUp(english, key), key);
    for (const group of made) assert.equal(typeof english[group], 'object', group);
    const said = new Set([...literal, ...chosen]);
    const unsaid = keysOf(english).filter((key) => !said.has(key) && !made.includes(key.split('.')[0] ?? ''));
    assert.deepEqual(unsaid, []);
  });
});
