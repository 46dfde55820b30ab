import { stat, readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  bytesSource,
  convertWav,
  findReference,
  LevelMeter,
  LISTENING_RATE,
  prepareReference,
} from '../../audio';
import { isSpoken, packagedSoundsDir, Speech } from '../../calls';
import { SipflowError } from '../../common';
import { findSound } from './find-sound';

/** Where sounds lie. */
export interface SoundFolders {
  /** Absolute folder that relative paths start from; the current one when absent. */
  audioDir?: string;
  /** Of the `sipflow:` sounds; those of the package when absent. */
  soundsDir?: string;
  /** Says `say:` sources; by the environment when absent. */
  say?: (source: string) => Promise<Uint8Array>;
}

const speech = new Speech();

const RATE = LISTENING_RATE;
/** Larger files are not read: at 8 kHz and 16 bits two hours in stereo have 230 MB. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** Samples of a turn: calls go on in between. */
const TURN = 4 * RATE;
/** Longest sound that is too short for the matcher, whose wave is compared instead, samples. */
const SHORT_SOUND = RATE;

/** The audio of a recording as checks ask for it. Nothing here throws: what cannot be read is not known. */
export class RecordedAudio {
  #samples: Promise<Int16Array | undefined> | undefined;

  constructor(
    private readonly file: string,
    private readonly folders: SoundFolders,
  ) {}

  /** RMS level of the whole recording in dBFS; minus infinity when it is silent. */
  async level(): Promise<number | undefined> {
    const samples = await this.#read();
    if (!samples?.length) return undefined;
    const meter = new LevelMeter();
    meter.add(samples);
    return meter.rmsDbfs;
  }

  /**
   * How much a sound is like the best place in the recording, 0 to 1, as nodes that listen to a call have it: one that went
   * through G.711 has 0.95 and more, after loss and noise 0.7, another one mostly below 0.4, and up to 0.7
   * where words are shared. A beginning may be missing, as when the sound was already playing when the recording began;
   * the end has to be there. Sounds of less than 0.3 s are compared wave by wave.
   *
   * @param source `sipflow:<name>`, `say:…` or the path of a WAV file
   */
  async score(source: string): Promise<number | undefined> {
    const recording = await this.#read();
    const sound = await soundSamples(source, this.folders).catch(() => undefined);
    if (!recording?.length || !sound?.length) return undefined;
    try {
      return (await findSound(recording, [{ name: source, prepared: prepareReference(sound) }]))?.score ?? 0;
    } catch {
      return sound.length <= SHORT_SOUND ? waveScore(recording, sound) : undefined;
    }
  }

  #read(): Promise<Int16Array | undefined> {
    return (this.#samples ??= readSamples(this.file).catch(() => undefined));
  }
}

/** Path of a sound: of the package, absolute, or from `audioDir` on. */
export function pathOfSound(source: string, folders: SoundFolders): string {
  const { audioDir = process.cwd(), soundsDir = packagedSoundsDir() } = folders;
  const packaged = /^sipflow:([a-z0-9-]+)$/.exec(source.trim());
  if (packaged) return join(soundsDir, `${packaged[1]}.wav`);
  return isAbsolute(source) ? source : resolve(audioDir, source.trim());
}

/** Samples of a sound at 8 kHz. Rejects with what `readSamples` does, and for what cannot be said. */
export async function soundSamples(source: string, folders: SoundFolders): Promise<Int16Array> {
  if (!isSpoken(source)) return readSamples(pathOfSound(source, folders));
  const { say = (text) => speech.say(text) } = folders;
  return samplesIn(await say(source));
}

/**
 * Samples of a WAV file at 8 kHz, its channels mixed.
 *
 * @throws SipflowError (as a rejection) FILE_NOT_FOUND, FILE_ACCESS, BAD_AUDIO
 */
export async function readSamples(file: string): Promise<Int16Array> {
  return samplesIn(await readWhole(file));
}

/** Samples of the bytes of a WAV file at 8 kHz, its channels mixed. */
async function samplesIn(bytes: Uint8Array): Promise<Int16Array> {
  const pieces: Int16Array[] = [];
  for (const piece of convertWav(bytesSource(bytes), RATE)) {
    pieces.push(piece);
    if (pieces.length % 64 === 0) await setImmediate();
  }
  const samples = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    samples.set(piece, offset);
    offset += piece.length;
  }
  return samples;
}

async function readWhole(file: string): Promise<Uint8Array> {
  try {
    if ((await stat(file)).size <= MAX_FILE_BYTES) return await readFile(file);
  } catch (cause) {
    const isGone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SipflowError(
      isGone ? 'FILE_NOT_FOUND' : 'FILE_ACCESS',
      isGone ? `There is no file ${file}.` : `The file ${file} cannot be read.`,
      { cause },
    );
  }
  throw new SipflowError('BAD_AUDIO', `${file} is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB.`);
}

/** Correlation of the wave with the best place in the recording. */
function waveScore(recording: Int16Array, sound: Int16Array): number {
  let best = 0;
  for (let from = 0; from === 0 || from + sound.length <= recording.length; from += TURN) {
    const part = recording.subarray(from, from + TURN + sound.length);
    best = Math.max(best, findReference(part, sound).correlation);
  }
  return Math.round(best * 1000) / 1000;
}
