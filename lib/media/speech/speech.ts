import { bytesSource, parseWavHeader } from '../../audio';
import { SipflowError, toSipflowError } from '../../common';
import { programFor, type SpeechProgram, type SpeechSettings } from './programs';
import { failed, runProgram, TIME_LIMIT_MS } from './run-program';
import { parseSpoken } from './spoken-text';

/** Bytes of WAVs that are kept; the least recently said goes first. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** Programs that speak at the same time, and texts that wait for one of them. */
const MAX_RUNNING = 4;
const MAX_WAITING = 200;
/** What the size of a RIFF file does not count. */
const RIFF_START = 8;

interface Said {
  wav: Promise<Buffer>;
  /** 0 while it is being said. */
  bytes: number;
}

/** For tests: other limits. */
export interface SpeechLimits {
  timeLimitMs?: number;
  maxKeptBytes?: number;
}

/**
 * Says texts: `say:` sources become WAVs by a program of the machine. A text is said once by each voice, for all who
 * want it at the same time or later; what failed is tried again. At most four programs run at once.
 */
export class Speech {
  /** By program, arguments and text, in order of use: the least recent first. */
  readonly #said = new Map<string, Said>();
  readonly #closing = new AbortController();
  readonly #limits: Required<SpeechLimits>;
  #waiting: (() => void)[] = [];
  #running = 0;
  #keptBytes = 0;

  constructor(
    private readonly settings: SpeechSettings = {},
    private readonly environment: NodeJS.ProcessEnv = process.env,
    limits: SpeechLimits = {},
  ) {
    this.#limits = { timeLimitMs: TIME_LIMIT_MS, maxKeptBytes: MAX_KEPT_BYTES, ...limits };
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#keptBytes;
  }

  /**
   * The WAV of a `say:` source.
   *
   * @throws SipflowError (as rejection) BAD_AUDIO for a text or voice that can be none, BAD_CONFIG for the command of
   *   the user, NO_VOICE when nothing speaks, SPEECH_FAILED when what speaks fails
   */
  async say(source: string): Promise<Buffer> {
    const program = programFor(parseSpoken(source), this.settings, this.environment);
    const key = JSON.stringify([program.file, program.args, program.input]);
    const known = this.#said.get(key);
    if (known) {
      this.#said.delete(key);
      this.#said.set(key, known);
      return known.wav;
    }
    const said: Said = { wav: this.#inTurn(program), bytes: 0 };
    this.#said.set(key, said);
    try {
      const wav = await said.wav;
      if (this.#said.get(key) === said) this.#keep(said, wav.length);
      return wav;
    } catch (error) {
      if (this.#said.get(key) === said) this.#forget(key);
      throw error;
    }
  }

  /** Ends what is being said. */
  close(): void {
    this.#closing.abort();
    this.#said.clear();
    this.#keptBytes = 0;
  }

  async #inTurn(program: SpeechProgram): Promise<Buffer> {
    await this.#turn();
    try {
      const wav = await runProgram(program, {
        env: this.environment,
        signal: this.#closing.signal,
        timeLimitMs: this.#limits.timeLimitMs,
      });
      return wholeWav(program, wav);
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #turn(): Promise<void> {
    if (this.#running < MAX_RUNNING) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#waiting.length < MAX_WAITING) return new Promise((resolve) => this.#waiting.push(resolve));
    const sentence = `More than ${MAX_WAITING} texts wait to be said. Say fewer at once.`;
    return Promise.reject(new SipflowError('SPEECH_FAILED', sentence));
  }

  #keep(said: Said, bytes: number): void {
    said.bytes = bytes;
    this.#keptBytes += bytes;
    for (const [key, { bytes: kept }] of this.#said) {
      if (this.#keptBytes <= this.#limits.maxKeptBytes) break;
      if (kept > 0) this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#keptBytes -= this.#said.get(key)?.bytes ?? 0;
    this.#said.delete(key);
  }
}

/** The WAV with the sizes that it has: a program that writes to a pipe cannot know them when it begins. */
function wholeWav(program: SpeechProgram, wav: Buffer): Buffer {
  try {
    const { container, dataOffset, dataBytes } = parseWavHeader(bytesSource(wav));
    if (container === 'RIFF') {
      wav.writeUInt32LE(wav.length - RIFF_START, RIFF_START - 4);
      wav.writeUInt32LE(dataBytes, dataOffset - 4);
    }
    return wav;
  } catch (error) {
    throw failed(program, `wrote no WAV: ${toSipflowError(error).message.replace(/\.$/, '')}`, error);
  }
}
