import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { bytesSource, convertWav, findReference, LevelMeter } from '../../audio';
import { isSpoken, packagedSoundsDir, Speech } from '../../calls';

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

const RATE = 8000;
/** Larger files are not read: at 8 kHz and 16 bits two hours in stereo have 230 MB. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** Longest sound that is looked for. */
const MAX_REFERENCE = 30 * RATE;
/** Samples that are searched in one go, besides the length of the sound; a turn takes some 100 ms. */
const STRIDE = 8 * RATE;

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
   * Best correlation of a sound with any part of the recording, 0 to 1: the same shape at any level has 1, a sound that
   * went through G.711 0.95 and more, another one 0.4 at most.
   *
   * @param source `sipflow:<name>`, `say:…` or the path of a WAV file
   */
  async score(source: string): Promise<number | undefined> {
    const recording = await this.#read();
    const reference = (await this.#reference(source))?.subarray(0, MAX_REFERENCE);
    if (!recording?.length || !reference?.length) return undefined;
    let best = 0;
    for (let from = 0; from === 0 || from + reference.length <= recording.length; from += STRIDE) {
      const part = recording.subarray(from, from + STRIDE + reference.length);
      best = Math.max(best, findReference(part, reference).correlation);
      // The search takes its time; calls go on in between.
      await setImmediate();
    }
    return Math.round(best * 1000) / 1000;
  }

  #read(): Promise<Int16Array | undefined> {
    return (this.#samples ??= samplesOf(this.file));
  }

  async #reference(source: string): Promise<Int16Array | undefined> {
    if (!isSpoken(source)) return samplesOf(this.#pathOf(source));
    const { say = (text) => speech.say(text) } = this.folders;
    return say(source).then(samplesIn, () => undefined);
  }

  #pathOf(source: string): string {
    const { audioDir = process.cwd(), soundsDir = packagedSoundsDir() } = this.folders;
    const packaged = /^sipflow:([a-z0-9-]+)$/.exec(source.trim());
    if (packaged) return join(soundsDir, `${packaged[1]}.wav`);
    return isAbsolute(source) ? source : resolve(audioDir, source.trim());
  }
}

/** Samples of a WAV file at 8 kHz, its channels mixed; undefined when it cannot be read. */
async function samplesOf(file: string): Promise<Int16Array | undefined> {
  try {
    if ((await stat(file)).size > MAX_FILE_BYTES) return undefined;
    return await samplesIn(await readFile(file));
  } catch {
    return undefined;
  }
}

/** @throws SipflowError (as rejection) BAD_AUDIO */
async function samplesIn(wav: Uint8Array): Promise<Int16Array> {
  const pieces: Int16Array[] = [];
  for (const piece of convertWav(bytesSource(wav), RATE)) {
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
