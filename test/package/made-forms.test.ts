import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nodeTable, rowsOf } from '../../nodes/shared/field-table';
import { TABLES } from '../../nodes/tables';
import { STORED_VERSION } from '../../nodes/shared/migrations';
import { editorFile, helpWithFields } from '../../scripts/forms';
import { definition } from '../../scripts/forms/definition';
import { describedFields } from '../../scripts/forms/reference';
import { fieldSection, type Catalogue, type FieldWords } from '../../scripts/forms/help';
import { Rows } from '../../scripts/forms/rows';
import { ownPackage, root } from './support/node-red';

/** A node that nobody has: what a new field in a table leads to. */
const table = nodeTable({
  type: 'sip-invented',
  fields: {
    mood: {
      kind: 'choice',
      value: 'calm',
      choices: { calm: 'isCalm', loud: 'isLoud' },
      icon: 'bell',
      hint: true,
    },
    rings: {
      kind: 'number',
      value: '3',
      min: 1,
      max: 9,
      whole: true,
      when: { mood: { is: ['loud'] } },
      since: '0.3.0',
    },
    text: { kind: 'typed', input: 'text', value: "it's", type: 'str', check: 'required' },
    quick: { kind: 'flag', value: true },
    phone: { kind: 'config', of: 'sip-instance', value: '', required: true },
    secret: { kind: 'secret', value: '' },
  },
});

describe('what is made from a table of fields', () => {
  it('has a row for each field, with its label, its choices, its hint, and when it applies', () => {
    const form = new Rows(table, 'node-input').form();
    for (const field of Object.keys(table.fields)) {
      assert.match(form, new RegExp(`id="node-input-${field}"`));
      assert.match(form, new RegExp(`data-i18n="label\\.${field}"`));
    }
    assert.match(form, /<option value="loud" data-i18n="option\.isLoud">/);
    assert.match(form, /data-i18n="hint\.mood"/);
    assert.match(form, /data-sipflow-when="\{&quot;mood&quot;:\{&quot;is&quot;:\[&quot;loud&quot;\]\}\}"/);
    assert.match(form, /id="node-input-secret"[^>]*/);
    assert.match(form, /type="password" id="node-input-secret"/);
    assert.ok(form.indexOf('node-input-name') > form.indexOf('node-input-secret'), 'the name comes last');
  });

  it('has a literal default and a validator for each field that flows store, and none for a secret', () => {
    const text = definition(table, '    inputs: 1,\n');
    for (const line of [
      "mood: { value: 'calm' },",
      "rings: { value: '3', validate: sipflow.valid.number('rings', { min: 1, max: 9, whole: true }) },",
      "text: { value: 'it\\'s', validate: sipflow.valid.typed('text', sipflow.check.required) },",
      "textType: { value: 'str' },",
      'quick: { value: true },',
      "phone: { value: '', type: 'sip-instance', required: true },",
      `version: { value: ${STORED_VERSION} },`,
      "credentials: { secret: { type: 'password' } },",
    ])
      assert.ok(text.includes(line), line);
    assert.doesNotMatch(text, /secret: \{ value/);
  });

  it('leaves to the editor file of a node what that says itself', () => {
    const own = "    inputs: 0,\n    label: function () { return 'mine'; },\n";
    const text = definition(table, own);
    assert.doesNotMatch(text, /label: function|inputLabels/);
    assert.match(text, /paletteLabel: function/);
  });

  it('has a line for each field in the reference', () => {
    const [, , ...rows] = describedFields(table, { mood: 'Mood', rings: 'Rings' }).split('\n');
    assert.deepEqual(rows.slice(0, 3), [
      '| Mood | `mood` | `calm`, `loud` | `calm` |',
      '| Rings (since 0.3.0) | `rings` | whole number, 1 to 9; only if `mood` is `loud` | `3` |',
      "| text | `text`, `textType` | text | `it's` (str) |",
    ]);
    assert.equal(rows.length, Object.keys(table.fields).length);
  });

  it('is not made for a type without a table, nor for a row without a field', () => {
    const source = "<script>\n  RED.nodes.registerType('sip-invented', {\n    inputs: 1,\n  });\n</script>\n";
    assert.throws(() => editorFile(source), /sip-invented/);
    assert.throws(() => new Rows({ ...table, rows: ['mood', 'smell'] }, 'node-input').form(), /smell/);
  });

  describe('the list of fields in a help text', () => {
    for (const language of ['en-US', 'ko']) {
      it(`has each field of each node once, in the order of the form, before the references (${language})`, () => {
        const words = wordsOf(language);
        for (const [type, each] of TABLES) {
          const { help, catalogue } = textsOf(type, language);
          const made = helpWithFields(help, catalogue, words);
          const section = made.slice(made.indexOf(`<h3>${words.heading}</h3>`));
          const [list, ...rest] = section.split('</dl>');
          const listed = list.matchAll(
            /<dt>(.*?) <span class="property-type">.+?<\/span><\/dt>\n {4}<dd>.+<\/dd>/g,
          );
          const names = [...new Set([...rowsOf(each), ...Object.keys(each.fields)])];
          assert.deepEqual(
            [...listed].map(([, label]) => label),
            names.map((name) => catalogue.label[name]),
            `${type}: a field has no entry, or nothing is said about it`,
          );
          assert.doesNotMatch(rest.join(''), /<(dl|ol)/, `${type}: something else than references follows`);
        }
      });
    }

    it('says kind, values, hint and default, and where a secret is kept', () => {
      const labels = {
        mood: 'Mood',
        rings: 'Rings',
        text: 'Text',
        quick: 'Quick',
        phone: 'Phone',
        secret: 'Secret',
      };
      const section = fieldSection(
        table,
        {
          label: labels,
          option: { isCalm: 'calm & quiet', isLoud: 'loud' },
          hint: { mood: 'Of the <bell>' },
        },
        wordsOf('en-US'),
      );
      for (const line of [
        '<dt>Mood <span class="property-type">choice</span></dt>',
        '<dd>calm &amp; quiet, loud. Of the &lt;bell>. Default: calm &amp; quiet.</dd>',
        '<dd>1 to 9. Default: <code>3</code>.</dd>',
        "<dd>Default: <code>it's</code>.</dd>",
        '<dd>Default: on.</dd>',
        '<dd>Stored as a credential, never in a flow file.</dd>',
      ]) {
        assert.ok(section.includes(line), `${line}\n${section}`);
      }
    });

    it('fails for a field without a label', () => {
      assert.throws(
        () => fieldSection(table, { label: {} }, wordsOf('en-US')),
        /no label for the field "mood"/,
      );
    });
  });
});

function textsOf(type: string, language: string): { help: string; catalogue: Catalogue } {
  const paths = Object.values(ownPackage['node-red'].nodes).map((path) => path.replace(/^dist\/|\.js$/g, ''));
  for (const path of paths) {
    const base = join(root, dirname(path), 'locales', language, basename(path));
    const help = readFileSync(`${base}.html`, 'utf8');
    if (!help.includes(`data-help-name="${type}"`)) continue;
    return { help, catalogue: JSON.parse(readFileSync(`${base}.json`, 'utf8')) as Catalogue };
  }
  throw new Error(`no help text for ${type}`);
}

function wordsOf(language: string): FieldWords {
  const file = join(root, 'nodes/sip-instance/locales', language, 'sip-instance.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { fields: FieldWords }).fields;
}
