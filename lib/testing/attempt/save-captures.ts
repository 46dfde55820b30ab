import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallRef } from '../../calls';
import { pcapOf } from '../../evidence';
import { TEST_LIMITS } from '../limits';
import type { Attempt } from '../types';
import type { AnyCall } from './conclusion';

/** Where the packets of calls are saved, and of which attempts. */
export interface CaptureSettings {
  /** Absolute path; it is made when the first file comes. */
  folder: string;
  /** Those that have failed, or all. */
  when: 'failed' | 'on';
}

/** Characters of a number in the name of a file. */
const NAME_LENGTH = 40;

/**
 * Writes a pcap file for each call of an attempt whose phone captures, and names it in the attempt. Files that cannot be
 * written, or are too much, are counted in `leftOut`. Never rejects.
 *
 * @param isOver whether the attempt is reported already, so that nothing more is added to it
 */
export async function saveCaptures(
  attempt: Attempt,
  calls: readonly AnyCall[],
  { folder, when }: CaptureSettings,
  isOver: () => boolean,
): Promise<void> {
  if (when === 'failed' && attempt.status !== 'failed') return;
  let left = TEST_LIMITS.captureBytes;
  for (const evidence of attempt.calls) {
    const call = calls.find(({ id }) => id === evidence.ref.id);
    const capture = await call?.capture();
    if (!capture || capture.mode === 'off' || isOver()) continue;
    const bytes = pcapOf([capture]);
    left -= bytes.length;
    const file = join(folder, fileName(evidence.ref));
    const isSaved = left >= 0 && (await save(folder, file, bytes));
    if (isOver()) return;
    if (isSaved) {
      evidence.pcap = file;
      attempt.artefacts.push({ kind: 'pcap', file, title: titleOf(evidence.ref), call: evidence.ref.id });
    } else {
      attempt.leftOut = { ...attempt.leftOut, captures: (attempt.leftOut?.captures ?? 0) + 1 };
    }
  }
}

async function save(folder: string, file: string, bytes: Uint8Array): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, bytes, { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

/** Numbers come from the network: only harmless characters of them become part of a path. */
function fileName({ from, to, id }: CallRef): string {
  const parts = [userOf(from), userOf(to), id].map((text) =>
    text.replace(/[^\w+-]/g, '_').slice(0, NAME_LENGTH),
  );
  return `${parts.join('-')}.pcap`;
}

function titleOf({ from, to }: CallRef): string {
  return `${userOf(from)} → ${userOf(to)}`;
}

function userOf(uri: string): string {
  return /^(?:sips?|tel):([^@;>]*)/i.exec(uri)?.[1] || 'call';
}
