import assert from 'node:assert/strict';
import { CHECK_OPERATORS, CHECK_SUBJECTS } from '../../lib/testing';
import { SUBJECTS } from '../../nodes/expect/subjects';
import type { SubjectField } from '../../nodes/shared/field-table';
import { catalogue, LANGUAGES, lookUp, nodeSets, type NodeSet } from '../package/support/editor';

const set = nodeSets().find(({ type }) => type === 'sip-expect') as NodeSet;
const offered: Readonly<Record<string, SubjectField>> = SUBJECTS;

describe('the subjects of checks', () => {
  it('are those of the engine, and need in the form what they need at run time', () => {
    assert.deepEqual(Object.keys(offered).sort(), CHECK_SUBJECTS.map(({ name }) => name).sort());
    for (const { name, named, ofMessage, type } of CHECK_SUBJECTS) {
      const field = offered[name];
      assert.equal(field?.named ?? false, named !== undefined, name);
      assert.equal(field?.ofMessage ?? false, ofMessage ?? false, name);
      if (['number', 'flag', 'any'].includes(type)) assert.equal(field?.value, type, name);
    }
  });

  it('have a text in both languages, as have their groups, names and operators', () => {
    const keys = [
      ...CHECK_SUBJECTS.map(({ name }) => `subject.${name}`),
      ...CHECK_SUBJECTS.flatMap(({ name, named }) => (named ? [`check.${name}`] : [])),
      ...CHECK_OPERATORS.map(({ name }) => `operator.${name}`),
      ...Object.values(offered).map(({ group }) => `group.${group}`),
    ];
    for (const language of LANGUAGES)
      for (const key of keys) assert.ok(lookUp(catalogue(set, language), key), `${language} ${key}`);
  });
});
