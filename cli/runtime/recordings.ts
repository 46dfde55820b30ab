import { rmSync } from 'node:fs';
import type { Attempt } from '../../lib/testing';
import type { CaseOptions } from './protocol';

/** Folder of the recordings that a run makes by itself, inside the recordings folder of a phone. */
const MADE_HERE = /[\\/]tests[\\/][^\\/]+\.wav$/;

/**
 * With `--record failed`, deletes the recordings of an attempt that has not failed, and takes them out of it. Those that
 * a flow made stay.
 */
export function keepOrDelete(attempt: Attempt, record: CaseOptions['record']): void {
  if (record !== 'failed' || attempt.status === 'failed') return;
  const isKept = (file: string): boolean => !MADE_HERE.test(file);
  for (const call of attempt.calls) {
    for (const file of call.recordings) {
      if (!isKept(file)) rmSync(file, { force: true });
    }
    call.recordings = call.recordings.filter(isKept);
  }
  attempt.artefacts = attempt.artefacts.filter(({ kind, file }) => kind !== 'recording' || isKept(file));
}
