import { closeSync, lstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { WAV_HEADER_BYTES, writeWavHeader } from '../../audio';
import { SipflowError } from '../../common';
import type { CreateRequest } from './protocol';
import { createExclusively } from './exclusive-name';

const ZEROS = new Uint8Array(64 * 1024);

/** The file operations of a recording; tests pass others to see their order or to make them fail. */
export interface RecordingFs {
  mkdir(folder: string): void;
  /** Creates exclusively. */
  create(file: string): number;
  /** Whether anything has this name, be it a link that leads nowhere. */
  taken(file: string): boolean;
  write(fd: number, bytes: Uint8Array, position: number): number;
  close(fd: number): void;
}

export const nodeRecordingFs: RecordingFs = {
  mkdir: (folder) => mkdirSync(folder, { recursive: true }),
  create: (file) => openSync(file, 'wx'),
  taken: (file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined,
  write: (fd, bytes, position) => writeSync(fd, bytes, 0, bytes.length, position),
  close: closeSync,
};

/**
 * A WAV file that is valid at every moment: the header comes first, and after each block of samples it is
 * patched, so it never claims bytes that are not there (pitfall 11).
 */
export class RecordingFile {
  /** Bytes of samples in the file. */
  dataBytes = 0;
  readonly #header = new Uint8Array(WAV_HEADER_BYTES);

  private constructor(
    readonly file: string,
    private readonly fd: number,
    private readonly request: CreateRequest,
    private readonly fs: RecordingFs,
  ) {}

  /**
   * Creates the file and its folders. A taken name gets `-2`, `-3`, … before the extension (pitfall 4).
   * Throws FILE_ACCESS when the place cannot be written.
   */
  static create(request: CreateRequest, fs: RecordingFs = nodeRecordingFs): RecordingFile {
    try {
      fs.mkdir(dirname(request.file));
      const { file, fd } = createExclusively(request.file, fs);
      const recording = new RecordingFile(file, fd, request, fs);
      recording.#guarded(() => recording.#patchHeader());
      return recording;
    } catch (error) {
      throw fileAccess(request.file, error);
    }
  }

  /** Appends `silence` zero bytes and then the samples, and patches the header. Throws FILE_ACCESS; the file keeps what it has. */
  append(silence: number, data: Uint8Array): void {
    try {
      for (let left = silence; left > 0; left -= ZEROS.length) {
        this.#appendAll(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
      }
      this.#appendAll(data);
      this.#patchHeader();
    } catch (error) {
      throw fileAccess(this.file, error);
    }
  }

  /** Makes the header final and closes the file. Throws FILE_ACCESS when even that fails. */
  finish(): void {
    this.#guarded(() => this.#patchHeader());
    this.fs.close(this.fd);
  }

  /** After a fault: closes the file, whose header is as of the last good block. */
  abandon(): void {
    try {
      this.finish();
    } catch {
      // The fault that led here was reported already.
    }
  }

  #appendAll(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const position = WAV_HEADER_BYTES + this.dataBytes;
      const written = this.fs.write(this.fd, bytes.subarray(done), position);
      done += written;
      this.dataBytes += written;
    }
  }

  #patchHeader(): void {
    const { sampleRate, channels } = this.request;
    // A disk that became full may have taken half a frame.
    const whole = this.dataBytes - (this.dataBytes % (2 * channels));
    writeWavHeader(this.#header, { sampleRate, channels }, whole);
    this.fs.write(this.fd, this.#header, 0);
  }

  /** Runs a step that must not leave the descriptor open when it fails. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fs.close(this.fd);
      throw fileAccess(this.file, error);
    }
  }
}

function fileAccess(file: string, error: unknown): SipflowError {
  if (error instanceof SipflowError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const reason =
    code === 'ENOSPC'
      ? 'the disk is full'
      : code === 'EACCES' || code === 'EPERM'
        ? 'this process has no permission to write there'
        : code === 'EROFS'
          ? 'the file system is read-only'
          : (message ?? String(error));
  return new SipflowError('FILE_ACCESS', `The recording ${file} cannot be written: ${reason}.`, {
    cause: error,
  });
}
