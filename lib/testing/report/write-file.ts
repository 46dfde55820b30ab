import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFault } from './file-faults';

/**
 * Writes a whole text, or bytes, beside the file and then takes its place, so that a full disk or a kill leaves the file as it was
 * before.
 *
 * @param parts pieces of the text, in order
 * @throws SipflowError FILE_ACCESS
 */
export async function writeWhole(
  file: string,
  parts: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(draft, 'w');
    try {
      for await (const part of parts) await handle.appendFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw fileFault(file, 'write', error);
  }
}
