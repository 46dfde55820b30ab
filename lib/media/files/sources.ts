import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type ByteSource, bytesSource } from '../../audio';
import { SipflowError } from '../../common';
import type { AudioSource } from '../types';

const PACKAGED = /^sipflow:(.*)$/s;
const PACKAGED_NAME = /^[a-z0-9-]+$/;

/** The bytes of a source, open for reading until `close`. */
export interface OpenSource extends ByteSource {
  /** Same bytes, same key; undefined for bytes that only one request has. */
  readonly cacheKey: string | undefined;
  close(): void;
}

/**
 * Opens a `sipflow:` sound, an absolute path, or the bytes of a WAV.
 * Throws FILE_NOT_FOUND, FILE_ACCESS, or BAD_AUDIO for what is no source at all.
 */
export function openAudio(source: AudioSource, soundsDir: string): OpenSource {
  return typeof source === 'string' ? openFile(pathOf(source, soundsDir)) : openBytes(source);
}

/** Bytes in memory as a source. */
export function openBytes(bytes: Uint8Array, cacheKey?: string): OpenSource {
  return { ...bytesSource(bytes), cacheKey, close: () => undefined };
}

function pathOf(source: string, soundsDir: string): string {
  const packaged = PACKAGED.exec(source);
  if (packaged) {
    if (!PACKAGED_NAME.test(packaged[1])) {
      throw new SipflowError(
        'FILE_NOT_FOUND',
        `"${shortened(source)}" names no packaged sound; a name has only a–z, 0–9 and "-".`,
      );
    }
    return join(soundsDir, `${packaged[1]}.wav`);
  }
  if (isAbsolute(source)) return source;
  throw new SipflowError(
    'BAD_AUDIO',
    `"${shortened(source)}" is no audio source. Give an absolute path, sipflow:<name>, http(s)://…, tone:… or silence.`,
  );
}

/** Opening a pipe must not block until it has a writer; Windows lacks the flag, and such pipes. */
const READ_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a regular file. Checks the type before opening, because opening alone makes some devices act, and again
 * afterwards, as the file may have been replaced in between. A growing file is read up to its present length.
 */
function openFile(path: string): OpenSource {
  try {
    assertFile(path, statSync(path));
    const fd = openSync(path, READ_WITHOUT_WAITING);
    try {
      const stat = fstatSync(fd);
      assertFile(path, stat);
      return {
        size: stat.size,
        cacheKey: `${path}\n${stat.mtimeMs}\n${stat.size}`,
        read(offset, length) {
          const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, stat.size - offset)));
          let done = 0;
          while (done < bytes.length) {
            const got = readSync(fd, bytes, done, bytes.length - done, offset + done);
            if (got === 0) break;
            done += got;
          }
          return bytes.subarray(0, done);
        },
        close: () => closeSync(fd),
      };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  } catch (error) {
    throw readFault(path, error);
  }
}

function assertFile(path: string, stat: Stats): void {
  if (stat.isFile()) return;
  const kind = stat.isDirectory()
    ? 'a folder'
    : stat.isFIFO()
      ? 'a named pipe'
      : stat.isSocket()
        ? 'a socket'
        : 'a device';
  throw new SipflowError('FILE_ACCESS', `${path} is ${kind}, not a file. Give the path of a WAV file.`);
}

function readFault(path: string, error: unknown): SipflowError {
  if (error instanceof SipflowError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SipflowError('FILE_NOT_FOUND', `The audio file ${path} does not exist.`, { cause: error });
  }
  const reason = code === 'EACCES' ? 'this process has no permission to read it' : message;
  return new SipflowError('FILE_ACCESS', `The audio file ${path} cannot be read: ${reason}.`, {
    cause: error,
  });
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
