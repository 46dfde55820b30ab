import { SipflowError } from '../../common';

/**
 * What the system said of a file, as an error that tells the user what to do: FILE_NOT_FOUND when it is not there, else
 * FILE_ACCESS.
 */
export function fileFault(file: string, action: 'read' | 'write', cause: unknown): SipflowError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  const done = action === 'read' ? 'read' : 'written';
  if (code === 'ENOENT' && action === 'read') {
    return new SipflowError('FILE_NOT_FOUND', `There is no file "${file}".`, { cause });
  }
  const why = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new SipflowError('FILE_ACCESS', `"${file}" cannot be ${done}: ${why}.`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; make room, or choose another folder',
  EDQUOT: 'the quota of the disk is used up; make room, or choose another folder',
  EROFS: 'the disk is read-only; choose another folder',
  EACCES: 'this user may not; change the permissions, or choose another folder',
  EPERM: 'this user may not; change the permissions, or choose another folder',
  EISDIR: 'it is a folder; name a file',
  ENOTDIR: 'a part of its path is a file, not a folder',
};
