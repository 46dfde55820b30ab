import { BLOCK_MS, BLOCK_SAMPLES, BlockEnergy } from './block-energy';
import { NoiseFloor } from './noise-floor';
import { predictionGainDb } from './tonality';

/** A sound from its first to its last audible moment, in milliseconds of the audio. */
export interface Spurt {
  kind: 'speech' | 'tone';
  startMs: number;
  /** End of the last audible block so far. */
  endMs: number;
  /** Mean level of its audible blocks, dBFS. */
  levelDbfs: number;
  /** Nothing more follows: it was silent for `PAUSE_MS`. */
  over: boolean;
}

/** Silence after which a sound is over; what follows is the next one. */
export const PAUSE_MS = 200;
/** Distance from the noise floor at which a block is audible; sibilants and what surrounds loud blocks need less, dB. */
const ABOVE_FLOOR_DB = 10;
const SIBILANT_DB = 6;
const EDGE_DB = 4;
/** Zero crossings in 10 ms from which a block is a sibilant. */
const SIBILANT_CROSSINGS = 30;
/** What is quieter is never audible, dBFS. */
const INAUDIBLE_DBFS = -58;
/** Noise that is assumed before any was heard, dBFS. */
const USUAL_FLOOR_DBFS = -65;
/** Audible blocks, and blocks since the first of them, that make a sound out of a click. */
const LEAST_AUDIBLE = 6;
const LEAST_BLOCKS = 10;
/** Blocks without sound within which a beginning is given up. */
const MOST_SILENT = 6;
/** Most blocks that an edge is moved to quieter ones that belong to the sound. */
const MOST_EDGE = 5;
/**
 * Window of the tests for tones and noise, blocks; the prediction gain from which a sound is a tone and below which it is
 * noise, dB.
 */
const WINDOW_BLOCKS = 8;
const TONE_GAIN_DB = 24;
const NOISE_GAIN_DB = 2;
/** Windows of steady noise in a row that are the noise of the line: before a word, and behind one. */
const NOISE_WINDOWS = 3;
const NOISE_WINDOWS_OF_SPEECH = 5;
/** Steps of the level in tones and noise, dB, over such windows. */
const STEADY_DB = 1.5;
/** Blocks after which a sound with holes is taken for speech. */
const LONGEST_DOUBT = 24;
/** A tone that becomes something else before this time was the beginning of a word. */
const WORD_MS = 400;
const NONE = -1;

/**
 * Tells sounds from silence and speech from tones in received audio, block by block: energy above an adapting noise
 * floor, with zero crossings for sibilants and linear prediction for tones. Nothing is allocated but a `Spurt` for each
 * sound.
 */
export class SoundActivity {
  /** The latest sound; undefined before any. */
  spurt: Spurt | undefined;
  readonly #energy = new BlockEnergy();
  readonly #floor: NoiseFloor;
  /** The newest audio behind the high-pass, for the tests for tones and noise. */
  readonly #recent = new Float64Array(WINDOW_BLOCKS * BLOCK_SAMPLES);
  /** Levels of the newest blocks, to find edges. */
  readonly #levels = new Float64Array(MOST_EDGE + 1).fill(-Infinity);
  #blocks = 0;
  /** Block with which a sound began that is not confirmed yet. */
  #began = NONE;
  #audible = 0;
  #power = 0;
  #lastAudible = NONE;
  /** Lost blocks directly before the next one. */
  #lost = 0;
  #lostBefore = 0;
  /** The last blocks are the decay of the sound. */
  #fades = false;
  #windowLevel = NaN;
  #nonTones = 0;
  #noises = 0;
  /** The last audible block before the sound that is not confirmed yet. */
  #lastSound = NONE;
  /** Blocks since the last lost one. */
  #whole = 0;

  /** @param floorDbfs noise floor to begin with, where it is known. */
  constructor(floorDbfs: number = USUAL_FLOOR_DBFS) {
    this.#floor = new NoiseFloor(floorDbfs);
  }

  /** Audio taken so far, milliseconds. */
  get nowMs(): number {
    return this.#blocks * BLOCK_MS;
  }

  get floorDbfs(): number {
    return this.#floor.dbfs;
  }

  /** End of the last audible block, also of a tone or of a sound that is not confirmed; undefined before any. */
  get lastAudibleMs(): number | undefined {
    return this.#lastAudible === NONE ? undefined : (this.#lastAudible + 1) * BLOCK_MS;
  }

  /** Takes one block of `BLOCK_SAMPLES`. `lost`: its audio is made up, which says nothing. */
  push(pcm: Int16Array, offset: number, lost: boolean): void {
    const block = this.#blocks++;
    if (lost) {
      this.#onLost(block);
      return;
    }
    this.#energy.measure(pcm, offset, this.#recent, (block % WINDOW_BLOCKS) * BLOCK_SAMPLES);
    const { levelDbfs, crossings } = this.#energy;
    const floor = this.#floor.dbfs;
    this.#floor.accept(levelDbfs);
    const needed = crossings >= SIBILANT_CROSSINGS && this.#began !== NONE ? SIBILANT_DB : ABOVE_FLOOR_DB;
    const isAudible = levelDbfs >= Math.max(floor + needed, INAUDIBLE_DBFS);
    this.#whole++;
    if (isAudible) this.#onAudible(block, levelDbfs, floor);
    else this.#onSilent(block, levelDbfs, floor);
    this.#levels.copyWithin(0, 1);
    this.#levels[MOST_EDGE] = levelDbfs;
    this.#lost = 0;
    if ((block + 1) % WINDOW_BLOCKS === 0 && this.#began !== NONE) this.#look(block);
  }

  #onLost(block: number): void {
    this.#lost++;
    this.#whole = 0;
    // Whether the sound went on in what was lost is not known: the edge lies in its middle.
    const spurt = this.#running;
    if (spurt && block - this.#lastAudible === this.#lost && this.#lost <= MOST_SILENT) {
      spurt.endMs += BLOCK_MS / 2;
    }
    this.#closeIfSilent(block);
  }

  #onAudible(block: number, levelDbfs: number, floor: number): void {
    const spurt = this.#running;
    if (this.#began === NONE) {
      this.#lostBefore = this.#lost;
      this.#began = block - this.#edge(floor);
      this.#audible = 0;
      this.#power = 0;
      this.#windowLevel = NaN;
      this.#nonTones = 0;
      this.#noises = 0;
      this.#lastSound = this.#lastAudible;
    }
    this.#audible++;
    this.#power += 10 ** (levelDbfs / 10);
    this.#lastAudible = block;
    this.#fades = true;
    if (spurt) {
      spurt.endMs = (block + 1) * BLOCK_MS;
      spurt.levelDbfs = this.#level;
    }
  }

  #onSilent(block: number, levelDbfs: number, floor: number): void {
    const spurt = this.#running;
    // The decay of a sound belongs to it, as its soft beginning does.
    const isEdge = levelDbfs >= Math.max(floor + EDGE_DB, INAUDIBLE_DBFS);
    if (spurt && this.#fades && isEdge && block - this.#lastAudible <= MOST_EDGE) {
      spurt.endMs = (block + 1) * BLOCK_MS;
    } else {
      this.#fades = false;
    }
    this.#closeIfSilent(block);
  }

  #closeIfSilent(block: number): void {
    const silent = block - this.#lastAudible;
    const spurt = this.#running;
    if (!spurt && this.#began !== NONE && silent > MOST_SILENT) this.#began = NONE;
    if (!spurt || silent * BLOCK_MS < PAUSE_MS) return;
    spurt.over = true;
    this.#began = NONE;
  }

  /** After each whole window within a sound: is it one, and of which kind? */
  #look(block: number): void {
    const age = block + 1 - this.#began;
    if (this.#audible < LEAST_AUDIBLE || age < LEAST_BLOCKS) return;
    // With holes in it a tone cannot be told; what goes on for long without a whole window is taken for speech.
    if (this.#whole >= WINDOW_BLOCKS) this.#judge(block);
    else if (age >= LONGEST_DOUBT) this.#classify(block, this.#running?.kind === 'tone');
  }

  /** Tells speech, tones and noise by the last 80 ms. */
  #judge(block: number): void {
    const before = this.#windowLevel;
    this.#windowLevel = this.#measureWindow();
    const isSteady = !(Math.abs(this.#windowLevel - before) > STEADY_DB);
    const gain = predictionGainDb(this.#recent);
    const isNoise = gain < NOISE_GAIN_DB;
    this.#noises = !isNoise ? 0 : isSteady ? this.#noises + 1 : 1;
    // A sibilant is noise too, but short: what follows shows whether it belongs to a word.
    if (this.#noises >= (this.#running ? NOISE_WINDOWS_OF_SPEECH : NOISE_WINDOWS)) this.#adapt(block);
    else if (this.#lastAudible === block && (!isNoise || this.#running))
      this.#classify(block, isSteady && gain >= TONE_GAIN_DB);
  }

  /** What was taken for a sound since some windows is the noise of the line. */
  #adapt(block: number): void {
    this.#floor.assume(this.#energy.levelDbfs);
    const since = block + 1 - this.#noises * WINDOW_BLOCKS;
    const running = this.#running;
    this.#lastAudible = running ? Math.min(this.#lastAudible, since - 1) : this.#lastSound;
    this.#began = NONE;
    if (!running) return;
    running.endMs = Math.max(running.startMs, since * BLOCK_MS);
    running.over = true;
  }

  #classify(block: number, isTone: boolean): void {
    const running = this.#running;
    if (!running) {
      const kind = isTone ? 'tone' : 'speech';
      const endMs = (block + 1) * BLOCK_MS;
      this.spurt = { kind, startMs: this.#startMs, endMs, levelDbfs: this.#level, over: false };
    } else if (running.kind === 'tone' && !isTone) {
      this.#nonTones++;
      const age = block * BLOCK_MS - running.startMs;
      if (age <= WORD_MS) running.kind = 'speech';
      else if (this.#nonTones > 1) this.#speakOn(running, block);
    } else {
      this.#nonTones = 0;
    }
  }

  /** Speech follows a tone without a pause. */
  #speakOn(tone: Spurt, block: number): void {
    tone.over = true;
    tone.endMs = Math.max(tone.startMs, (block + 1 - 2 * WINDOW_BLOCKS) * BLOCK_MS);
    const { endMs, levelDbfs } = tone;
    this.spurt = { kind: 'speech', startMs: endMs, endMs: (block + 1) * BLOCK_MS, levelDbfs, over: false };
  }

  get #running(): Spurt | undefined {
    return this.spurt?.over === false ? this.spurt : undefined;
  }

  get #level(): number {
    return 10 * Math.log10(this.#power / this.#audible);
  }

  get #startMs(): number {
    return Math.max(0, this.#began * BLOCK_MS - (this.#lostBefore * BLOCK_MS) / 2);
  }

  /** Blocks right before this one that are above the noise already. */
  #edge(floor: number): number {
    let blocks = 0;
    // What was lost parts the sound from what was before.
    if (this.#lost > 0) return 0;
    for (let index = MOST_EDGE; index > 0; index--) {
      if (this.#levels[index] < Math.max(floor + EDGE_DB, INAUDIBLE_DBFS)) break;
      blocks++;
    }
    return blocks;
  }

  #measureWindow(): number {
    let sum = 0;
    for (const sample of this.#recent) sum += sample * sample;
    return 10 * Math.log10(sum / this.#recent.length + 1);
  }
}
