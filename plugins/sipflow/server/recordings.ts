import { readFile, stat } from 'node:fs/promises';
import { waveformOf } from '../../../lib/audio';
import { SipflowError } from '../../../lib/common';
import { titleOf } from '../../../nodes';
import { callsOf } from './known-call';
import { type Asked, type Routes, StoredFile } from './routes';

/** Larger files have no outline, because this thread would be busy with them. */
const MOST_DRAWN = 16 * 1024 * 1024;
/** Larger files are not loaded by a browser. */
const MOST_HEARD = 128 * 1024 * 1024;

/** Outline of a recording, as `Sound` of the page takes it. */
export interface RecordingOutline {
  title: string;
  durationMs: number;
  peaks: string[];
  missing?: boolean;
}

/** The recordings of a call: their outlines, and their audio. */
export function serveRecordings(routes: Routes): void {
  routes.read('calls/:id/recordings/:place', async (asked): Promise<RecordingOutline> => {
    const file = fileOf(asked);
    const title = titleOf(file);
    try {
      const { size } = await stat(file);
      if (size > MOST_DRAWN) return { title, durationMs: 0, peaks: [] };
      const { durationMs, peaks } = waveformOf(await readFile(file));
      return { title, durationMs, peaks: peaks.map((channel) => Buffer.from(channel).toString('base64')) };
    } catch {
      return { title, durationMs: 0, peaks: [], missing: true };
    }
  });

  routes.read('calls/:id/recordings/:place/audio', async (asked) => {
    const file = fileOf(asked);
    const { size } = await stat(file).catch(() => ({ size: Infinity }));
    if (size <= MOST_HEARD) return new StoredFile(file);
    throw new SipflowError('FILE_NOT_FOUND', 'The recording is not there, or larger than 128 MB.');
  });
}

function fileOf({ params }: Asked): string {
  const [{ call }] = callsOf(params.id);
  const file = call.recordings[Number(params.place)]?.file;
  if (file !== undefined) return file;
  throw new SipflowError('FILE_NOT_FOUND', 'The call has no such recording.');
}
