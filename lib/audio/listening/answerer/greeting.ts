import { SILENT_DBFS } from '../speech/block-energy';
import { NoiseFloor } from '../speech/noise-floor';
import { isSteady, type Tone } from '../tones/tone-run';
import { Movement } from './movement';

/** Hops of 10 ms by which speech is judged late, so that a tone is known before what it began with is taken for speech. */
const DELAY = 16;
const HOP_MS = 10;
/** Distance from the noise at which a hop is audible, dB, and what is never audible, dBFS. */
const ABOVE_FLOOR_DB = 9;
const INAUDIBLE_DBFS = -52;
/** The noise is taken for as loud as can be until quieter audio was heard: then it is what was the quietest so far. */
const FIRST_FLOOR_DBFS = 0;
/** A hop is quiet that is so far below the mean of the greeting, or not above the noise before it, dB. */
const QUIET_DB = 12;
const ABOVE_NOISE_DB = 4;
/** Mean of speech that is assumed before it is known, dBFS. */
const SILENT_POWER = 32_768 ** 2 * 10 ** (SILENT_DBFS / 10);
/** Of so many hops so many are audible where somebody speaks: a click is shorter. */
const WINDOW = 8;
const LEAST_TO_BEGIN = 5;
const LEAST_TO_GO_ON = 3;
/** Shortest tone that is no speech, ms. */
const LEAST_TONE_MS = 90;
const LEAST_PURITY = 0.8;
const SURE_TONE_MS = 300;
const SURE_PURITY = 0.93;
/** Tones that are remembered: those within `DELAY`. */
const MOST_TONES = 8;

/** When somebody speaks, tones left out. Fed by the hops and tones of a `ToneTracker`. */
export class Greeting {
  /** First and last word, ms; undefined before. */
  startMs: number | undefined;
  endMs = 0;
  /** Time that was audible in it, ms. */
  speechMs = 0;
  /** Mean square of what is audible, to tell its level. */
  power = SILENT_POWER;
  /** Levels of the hops that are not judged yet, and which of them were lost. */
  readonly #levels = new Float64Array(DELAY).fill(SILENT_DBFS);
  readonly #lost = new Uint8Array(DELAY);
  readonly #floor = new NoiseFloor(FIRST_FLOOR_DBFS);
  readonly #tones: Readonly<Tone>[] = [];
  /** The last `WINDOW` hops, a bit each, the newest lowest. */
  #audible = 0;
  #now = -DELAY;
  /** Level of the noise before the greeting, dBFS. */
  #noiseDbfs = SILENT_DBFS;
  /** Hops and quiet hops of the greeting, and those since the last audible one. */
  #hops = 0;
  #quietHops = 0;
  #hopsSinceLast = 0;
  #quietSinceLast = 0;
  readonly #movement = new Movement();

  /** Time up to which speech is judged, ms. */
  get nowMs(): number {
    return Math.max(0, this.#now * HOP_MS);
  }

  /** Silence since the last word, ms; tones do not count as either. */
  get silenceMs(): number {
    return this.nowMs - Math.max(this.endMs, this.#lastToneMs);
  }
  #lastToneMs = 0;

  /** Part of the greeting that is much quieter than the rest, 0 to 1: speech has gaps between its sounds, music seldom. */
  get quietPart(): number {
    return this.#hops === 0 ? 0 : this.#quietHops / this.#hops;
  }

  /** How much its level rises and falls within 80 ms, of what the noise of the line leaves room for, dB: syllables do, music less. */
  get movementDb(): number {
    return this.#movement.db(this.levelDbfs - this.#noiseDbfs);
  }

  get levelDbfs(): number {
    return 10 * Math.log10(this.power / 32_768 ** 2);
  }

  toneBegan(tone: Readonly<Tone>): void {
    if (this.#tones.length === MOST_TONES) this.#tones.shift();
    this.#tones.push(tone);
  }

  /** Takes the mean square of the next 10 ms; `lost`: they were made up and say nothing. */
  hop(meanSquare: number, lost: boolean): void {
    const slot = (this.#now + DELAY) % DELAY;
    const levelDbfs = this.#levels[slot];
    const wasLost = this.#lost[slot] === 1;
    const mean = meanSquare / 32_768 ** 2;
    this.#levels[slot] = mean > 1e-9 ? 10 * Math.log10(mean) : SILENT_DBFS;
    this.#lost[slot] = lost ? 1 : 0;
    if (!lost) this.#floor.accept(this.#levels[slot]);
    if (this.#now >= 0 && !wasLost) this.#judge(levelDbfs);
    this.#now++;
  }

  #judge(levelDbfs: number): void {
    const inTone = this.#isTone(this.#now * HOP_MS);
    const isAudible = !inTone && levelDbfs >= Math.max(this.#floor.dbfs + ABOVE_FLOOR_DB, INAUDIBLE_DBFS);
    if (this.startMs !== undefined && !inTone) this.#countQuiet(levelDbfs);
    this.#audible = ((this.#audible << 1) | (isAudible ? 1 : 0)) & ((1 << WINDOW) - 1);
    if (inTone) this.#lastToneMs = (this.#now + 1) * HOP_MS;
    if (!isAudible) return;
    const count = bits(this.#audible);
    const goesOn = this.startMs !== undefined && this.nowMs - this.endMs <= WINDOW * HOP_MS;
    if (count < (goesOn ? LEAST_TO_GO_ON : LEAST_TO_BEGIN)) return;
    if (this.startMs === undefined) {
      this.startMs = (this.#now - 31 + Math.clz32(this.#audible)) * HOP_MS;
      this.#noiseDbfs = this.#floor.dbfs;
    }
    const addedMs = goesOn ? HOP_MS : count * HOP_MS;
    this.speechMs += addedMs;
    this.endMs = (this.#now + 1) * HOP_MS;
    this.#hops += this.#hopsSinceLast;
    this.#movement.confirm();
    this.#quietHops += this.#quietSinceLast;
    this.#hopsSinceLast = 0;
    this.#quietSinceLast = 0;
    this.power += (32_768 ** 2 * 10 ** (levelDbfs / 10) - this.power) * (addedMs / this.speechMs);
  }

  /** Quiet hops count once something audible follows them. */
  #countQuiet(levelDbfs: number): void {
    const isQuiet = levelDbfs <= Math.max(this.levelDbfs - QUIET_DB, this.#noiseDbfs + ABOVE_NOISE_DB);
    this.#hopsSinceLast++;
    this.#movement.hop(levelDbfs - this.levelDbfs);
    if (isQuiet) this.#quietSinceLast++;
  }

  #isTone(ms: number): boolean {
    for (const tone of this.#tones) {
      if (ms < tone.startMs - HOP_MS || ms > tone.endMs) continue;
      if (isNoSpeech(tone)) return true;
    }
    return false;
  }
}

/** Whether a tone is steady, or so long and pure that it is none of a voice although packets of it were lost. */
function isNoSpeech(tone: Readonly<Tone>): boolean {
  const length = tone.endMs - tone.startMs;
  if (length >= SURE_TONE_MS && tone.purity >= SURE_PURITY) return true;
  return length >= LEAST_TONE_MS && tone.purity >= LEAST_PURITY && isSteady(tone);
}

function bits(value: number): number {
  let count = 0;
  for (let rest = value; rest > 0; rest &= rest - 1) count++;
  return count;
}
