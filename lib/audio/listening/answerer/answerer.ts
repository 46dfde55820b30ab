import { SipflowError } from '../../../common';
import type { Detection, Detector } from '../detector';
import { CadenceListener, roundScore } from '../tones/cadence-listener';
import { parseWantedTone } from '../tones/tone-patterns';
import { isBeep, type Tone } from '../tones/tone-run';
import { ToneTracker, type ToneSink } from '../tones/tone-tracker';
import { FaxTones } from './fax-tones';
import { Greeting } from './greeting';
import { judgeGreeting, type Answerer } from './verdict';

/** What a listener may wait for: nothing in particular, one of those who answer, or the end of a machine's beep. */
export type WantedAnswerer = '' | 'human' | 'machine' | 'fax' | 'beep';

const WANTED: readonly string[] = ['', 'human', 'machine', 'fax', 'beep'];

/** Time without a decision after which there will be none, ms. */
const TOTAL_MS = 20_000;
/** Silence behind a tone that makes a beep of it, ms: what goes on at once was music or a voice. */
const AFTER_BEEP_MS = 200;
/** Speech before a tone that makes a machine's beep of it, ms. */
const LEAST_GREETING_MS = 300;
/** A beep without a greeting, and silence behind it, are a machine too, ms and Hz: lower ones are those of a network. */
const AFTER_BARE_BEEP_MS = 2500;
const LOWEST_BARE_BEEP_HZ = 520;
/** Certainty of a decision by the beep, by a fax tone, and by a beep without greeting. */
const BEEP_SCORE = 0.98;
const FAX_SCORE = 0.97;
const BARE_BEEP_SCORE = 0.6;

/** Who answered: how it was decided and when, in milliseconds of the audio. */
interface Verdict {
  what: Answerer;
  why: string;
  score: number;
}

/**
 * Tells who answered a call: a person, a machine, its beep, or a fax terminal. By the length of the greeting and the silence
 * behind it, and by tones; what it does not know it says. Nothing is allocated for each push.
 */
export class AnswererDetector implements Detector, ToneSink {
  readonly #wanted: WantedAnswerer;
  readonly #tracker = new ToneTracker(this);
  readonly #greeting = new Greeting();
  readonly #fax = new FaxTones();
  readonly #progress: CadenceListener;
  #verdict: Verdict | undefined;
  #progressTone: Detection | undefined;
  /** A tone that is a beep when nothing follows it, and the beep. */
  #maybeBeep: Readonly<Tone> | undefined;
  #beep: Readonly<Tone> | undefined;

  /** @throws SipflowError BAD_AUDIO when `wanted` is none of those who can be waited for. */
  constructor(wanted: string = '') {
    const name = wanted.trim().toLowerCase();
    if (!isWanted(name)) {
      throw new SipflowError(
        'BAD_AUDIO',
        `"${wanted.slice(0, 60)}" cannot be waited for: write human, machine, fax or beep, or nothing to hear who answers.`,
      );
    }
    this.#wanted = name;
    const all = parseWantedTone('progress');
    this.#progress = new CadenceListener(all.what === 'patterns' ? all.patterns : [], true);
  }

  push(pcm: Int16Array, offset: number, count: number, lost = false): void {
    this.#tracker.push(pcm, offset, count, lost);
    this.#fax.push(pcm, offset, count);
  }

  poll(): Detection | undefined {
    this.#decide();
    if (this.#wanted === 'beep') return this.#verdict?.what === 'machine' ? this.#beepDetection() : undefined;
    if (!this.#verdict || this.#verdict.what === 'unknown') return undefined;
    if (this.#wanted !== '' && this.#wanted !== this.#verdict.what) return undefined;
    return this.#detection(this.#verdict);
  }

  /** Who answered, when it is certain that it is not who is waited for. */
  refuted(): Detection | undefined {
    this.#decide();
    const what = this.#verdict?.what;
    if (!this.#verdict || this.#wanted === what || (this.#wanted === 'beep' && what === 'machine'))
      return undefined;
    return this.#wanted === '' && what !== 'unknown' ? undefined : this.#detection(this.#verdict);
  }

  best(): Detection {
    this.#decide();
    return this.#detection(this.#verdict ?? { what: 'unknown', why: this.#whyUnknown(), score: 0 });
  }

  end(): Detection | undefined {
    return this.poll();
  }

  hop(meanSquare: number, lost: boolean): void {
    this.#greeting.hop(meanSquare, lost);
  }

  toneBegan(tone: Readonly<Tone>): void {
    this.#greeting.toneBegan(tone);
    this.#maybeBeep = undefined;
  }

  toneEnded(tone: Readonly<Tone>): void {
    this.#progress.toneEnded(tone);
    this.#fax.toneEnded(tone, this.#greeting.speechMs >= LEAST_GREETING_MS);
    if (isBeep(tone)) this.#maybeBeep = tone;
  }

  #decide(): void {
    const { tone, positionMs } = this.#tracker;
    this.#findBeep();
    if (this.#verdict && this.#verdict.what !== 'machine') return;
    const progress = this.#progressTone ?? this.#progress.decide(tone, positionMs);
    // While it still rings nobody has answered; the other tones say that nobody will.
    if (progress && progress.what !== 'ringback' && progress.what !== 'dial') this.#progressTone = progress;
    this.#verdict = this.#byTones() ?? this.#verdict ?? judgeGreeting(this.#greeting);
    if (!this.#verdict && positionMs >= TOTAL_MS) this.#verdict = this.#unknown();
  }

  #byTones(): Verdict | undefined {
    const { heard } = this.#fax;
    if (heard)
      return { what: 'fax', why: heard.phaseReversals ? 'ced-reversals' : heard.signal, score: FAX_SCORE };
    if (this.#beep) {
      const isBare = this.#greeting.speechMs < LEAST_GREETING_MS;
      return { what: 'machine', why: 'beep', score: isBare ? BARE_BEEP_SCORE : BEEP_SCORE };
    }
    return this.#progressTone && { what: 'unknown', why: this.#progressTone.what, score: 0 };
  }

  /** A tone is the beep when silence follows it. */
  #findBeep(): void {
    const tone = this.#maybeBeep;
    if (!tone || this.#beep) return;
    const { nowMs, speechMs, endMs, startMs } = this.#greeting;
    if (startMs !== undefined && endMs > tone.endMs + 60) {
      this.#maybeBeep = undefined;
      return;
    }
    const needed = speechMs < LEAST_GREETING_MS ? AFTER_BARE_BEEP_MS : AFTER_BEEP_MS;
    if (speechMs < LEAST_GREETING_MS && tone.frequencies[0] < LOWEST_BARE_BEEP_HZ) return;
    if (nowMs - tone.endMs >= needed) this.#beep = tone;
  }

  #beepDetection(): Detection | undefined {
    const tone = this.#beep;
    return (
      tone && {
        ...this.#detection({ what: 'machine', why: 'beep', score: BEEP_SCORE }),
        what: 'beep',
        startMs: tone.startMs,
        endMs: tone.endMs,
        levelDbfs: tone.levelDbfs,
        frequencies: tone.frequencies.map(Math.round),
      }
    );
  }

  #detection({ what, why, score }: Verdict): Detection {
    const { startMs = 0, endMs } = this.#greeting;
    const { heard } = this.#fax;
    const detection: Detection = {
      what,
      why,
      score: roundScore(score),
      startMs,
      endMs: Math.max(startMs, endMs),
    };
    if (what === 'fax' && heard) {
      return { ...detection, startMs: heard.startMs, endMs: heard.endMs, frequencies: heard.frequencies };
    }
    if (this.#greeting.startMs === undefined) return detection;
    detection.greetingLengthMs = Math.max(0, endMs - startMs);
    detection.levelDbfs = this.#greeting.levelDbfs;
    if (this.#beep) {
      detection.beepMs = this.#beep.endMs;
      detection.frequencies = this.#beep.frequencies.map(Math.round);
    }
    return detection;
  }

  #unknown(): Verdict {
    return { what: 'unknown', why: this.#whyUnknown(), score: 0 };
  }

  #whyUnknown(): string {
    if (this.#progressTone) return this.#progressTone.what;
    if (this.#progress.likely) return this.#progress.likely.what;
    return this.#greeting.startMs === undefined ? 'silence' : 'unclear';
  }
}

function isWanted(name: string): name is WantedAnswerer {
  return WANTED.includes(name);
}
