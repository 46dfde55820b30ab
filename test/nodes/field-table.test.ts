import assert from 'node:assert/strict';
import { SipflowError } from '../../lib/common';
import { nodeTable, rowsOf } from '../../nodes/shared/field-table';
import { toNumber } from '../../nodes/shared/field-values';
import type { SipNodeDef } from '../../nodes/shared/flow-types';
import { StoredFields } from '../../nodes/shared/stored-fields';
import { TABLES } from '../../nodes/tables';

const table = nodeTable({
  type: 'sip-example',
  fields: {
    action: { kind: 'choice', value: 'hold', choices: { hold: 'holds', resume: 'resumes' } },
    events: { kind: 'choices', value: [], choices: ['ringing', 'ended'] },
    seconds: { kind: 'number', value: '30', min: 10, max: 60, whole: true, off: true },
    loud: { kind: 'flag', value: true },
    from: { kind: 'text', value: 'any' },
    names: { kind: 'list', value: ['a', 'b'] },
  },
});
const reading = (stored: object) =>
  new StoredFields(table, { id: '1', type: 'sip-example', ...stored } as unknown as SipNodeDef);
const refused = (code: string, sentence: RegExp) => (error: unknown) =>
  error instanceof SipflowError && error.code === code && sentence.test(error.message);

describe('the table of fields of a node', () => {
  it('says what a missing field means, and a blank one, except for text', () => {
    const [none, blank] = [reading({}), reading({ action: '', seconds: ' ', from: '', events: '' })];
    for (const each of [none, blank]) {
      assert.equal(each.choice('action'), 'hold');
      assert.equal(each.plainNumber('seconds'), 30);
      assert.equal(each.flag('loud'), true);
      assert.deepEqual(each.chosen('events'), []);
      assert.equal(each.listed('names'), 'a,b');
    }
    assert.equal(none.plainText('from'), 'any');
    assert.equal(blank.plainText('from'), '');
  });

  it('takes what is stored, and refuses by name what the table does not allow', () => {
    const stored = reading({ action: 'resume', events: ['ended'], seconds: 0, loud: 'false', names: 'c' });
    assert.equal(stored.choice('action'), 'resume');
    assert.deepEqual(stored.chosen('events'), ['ended']);
    assert.equal(stored.plainNumber('seconds'), 0);
    assert.equal(stored.flag('loud'), false);
    assert.equal(stored.listed('names'), 'c');
    assert.throws(
      () => reading({ action: 'stop' }).choice('action'),
      refused('BAD_CONFIG', /"action".*hold, resume; it is "stop"/),
    );
    assert.throws(
      () => reading({ events: 'lunch' }).chosen('events'),
      refused('BAD_CONFIG', /"events" may list/),
    );
    assert.throws(
      () => reading({ seconds: 5 }).plainNumber('seconds'),
      refused('BAD_CONFIG', /0 or a whole number from 10 to 60/),
    );
    assert.throws(
      () => reading({ seconds: 10.5 }).plainNumber('seconds'),
      refused('BAD_CONFIG', /"seconds"/),
    );
    assert.throws(() => reading({ from: '${NOT_SET}' }).plainText('from'), refused('BAD_CONFIG', /NOT_SET/));
  });

  it('has a default within its own limits for every number of every node', () => {
    for (const { type, fields } of TABLES.values()) {
      for (const [name, field] of Object.entries(fields)) {
        if (field.kind !== 'number' && !(field.kind === 'typed' && field.input === 'number')) continue;
        assert.doesNotThrow(
          () => toNumber(name, field.value, { ...field, fallback: NaN }),
          `${type} ${name}`,
        );
      }
    }
  });

  it('gives every field a row in the form, once, and no row to what is no field', () => {
    for (const entry of TABLES.values())
      assert.deepEqual([...rowsOf(entry)].sort(), Object.keys(entry.fields).sort(), entry.type);
  });

  it('hides a field only by fields that the same form has', () => {
    for (const { type, fields } of TABLES.values())
      for (const [name, { when = {} }] of Object.entries(fields))
        for (const other of Object.keys(when))
          assert.ok(other in fields && other !== name, `${type} ${name}`);
  });
});
