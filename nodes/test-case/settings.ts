import type { TestCase } from '../../lib/testing';
import type { SipNode } from '../shared/flow-types';
import type { StoredFields } from '../shared/stored-fields';
import type { testCaseFields } from './fields';

type Settings = Pick<
  TestCase,
  'title' | 'tags' | 'timeout' | 'retries' | 'rowsAtOnce' | 'sharedPhones' | 'marks'
>;

/** Values of a case whose own are wrong, and which does not run. */
export const UNSET: Settings = {
  title: 'test case',
  tags: [],
  timeout: 60,
  retries: 0,
  rowsAtOnce: 1,
  sharedPhones: false,
  marks: true,
};

/** The same, with what people call the case. */
export function unsetOf(node: SipNode, title: unknown): Settings {
  return { ...UNSET, title: (typeof title === 'string' && title) || node.name || UNSET.title };
}

/** The values of a test case as its node stores them. Throws BAD_CONFIG. */
export function settingsOf(fields: StoredFields<(typeof testCaseFields)['fields']>, node: SipNode): Settings {
  return {
    title: fields.plainText('title') || node.name || UNSET.title,
    tags: fields.words('tags'),
    timeout: fields.plainNumber('timeout'),
    retries: fields.plainNumber('retries'),
    rowsAtOnce: fields.plainNumber('rowsAtOnce'),
    sharedPhones: fields.flag('sharedPhones'),
    marks: fields.flag('marks'),
  };
}
