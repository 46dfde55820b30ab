import { FRAME, HOP, LONG, SHORT, ToneFrames } from './tone-frames';
import { msOf, ToneRun, type Tone } from './tone-run';

/** Gets what a tracker hears, in the order of the audio. */
export interface ToneSink {
  /** Each 10 ms: the mean square of its samples, and whether some of them were lost and made up. */
  hop?(meanSquare: number, lost: boolean): void;
  /** A tone sounds, for some 60 ms already. The same object is kept up to date until `toneEnded`. */
  toneBegan?(tone: Readonly<Tone>): void;
  toneEnded?(tone: Readonly<Tone>): void;
}

/** Frames that must agree before there is a tone. */
const CONFIRMING = 3;
/** Frames without the tone that end it: 80 ms, so that a lost packet or a reversal of the phase do not. */
const ENDING = 4;
/** Frames that a tone which is not confirmed may miss. */
const FORGIVEN = 1;
/** Hops of silence that end a tone: 70 ms; a tone that swells and fades is never silent for so long. */
const SILENT_HOPS = 7;
/** Hops of lost audio for which a tone is believed to go on: 100 ms. */
const LOST_HOPS = 10;
/** Hops of silence within the beginning of a tone. */
const DIP_HOPS = 3;
/** Hops before and after the middle of the first window in which the beginning is. */
const LOOK_BACK = 11;
const LOOK_AHEAD = 3;
/** An edge is where the power is a quarter of the tone's. */
const EDGE_PART = 0.25;
/** Hops of which the power is kept: 2.56 s. */
const KEPT_HOPS = 256;
/** Time constant of the filter that takes out a constant offset: its corner is at 25 Hz. */
const OFFSET_FILTER = 0.98;

/**
 * Follows steady tones in audio at `LISTENING_RATE`: when each begins and ends (to about 5 ms), its frequencies (to about
 * 1 Hz) and its level. Nothing is allocated for each push, only for each tone.
 */
export class ToneTracker {
  readonly #sink: ToneSink;
  readonly #frames = new ToneFrames();
  /** The last `LONG` samples, then the frame that is being filled. */
  readonly #samples = new Float64Array(LONG + FRAME);
  readonly #hops = new Float64Array(KEPT_HOPS);
  #filled = 0;
  #hopSum = 0;
  #hopLost = false;
  /** Lost hops without a whole one between them, and the last lost one. */
  #lostHops = 0;
  #lastLost = -Infinity;
  /** Complete hops. */
  #hopCount = 0;
  #lastInput = 0;
  #lastOutput = 0;
  #run: ToneRun | undefined;
  #next: ToneRun | undefined;
  #spare: ToneRun[] = [new ToneRun(), new ToneRun()];
  #tone: Tone | undefined;
  #startSample = 0;
  #silentHops = 0;

  constructor(sink: ToneSink) {
    this.#sink = sink;
  }

  /** Takes the next samples. `lost`: they are made up, and neither continue nor end a tone. */
  push(pcm: Int16Array, offset: number, count: number, lost = false): void {
    const samples = this.#samples;
    if (lost && count > 0) this.#hopLost = true;
    const end = offset + count;
    for (let i = offset; i < end; i++) {
      const input = pcm[i];
      const output = input - this.#lastInput + OFFSET_FILTER * this.#lastOutput;
      this.#lastInput = input;
      this.#lastOutput = output;
      samples[LONG + this.#filled] = output;
      this.#hopSum += output * output;
      this.#filled++;
      if (this.#filled % HOP > 0) continue;
      this.#endHop();
      this.#hopLost = lost && i + 1 < end;
    }
  }

  /** The tone that sounds now. */
  get tone(): Readonly<Tone> | undefined {
    return this.#tone;
  }

  /** End of the audio so far, ms. */
  get positionMs(): number {
    return msOf(this.#hopCount * HOP + (this.#filled % HOP));
  }

  #endHop(): void {
    const power = this.#hopSum / HOP;
    this.#hopSum = 0;
    this.#hops[this.#hopCount % KEPT_HOPS] = power;
    this.#hopCount++;
    this.#lostHops = this.#hopLost ? this.#lostHops + 1 : 0;
    if (this.#hopLost && this.#lostHops <= LOST_HOPS) this.#lastLost = this.#hopCount - 1;
    else this.#followSilence(power);
    if (this.#filled === FRAME) {
      this.#samples.copyWithin(0, FRAME);
      this.#filled = 0;
      this.#endFrame();
    }
    this.#sink.hop?.(power, this.#hopLost);
  }

  #followSilence(power: number): void {
    if (!this.#tone || !this.#run) return;
    this.#silentHops = power < EDGE_PART * this.#run.level ? this.#silentHops + 1 : 0;
    if (this.#silentHops < SILENT_HOPS) return;
    const last = this.#hopCount - SILENT_HOPS - 1;
    const rest = Math.min(1, this.#hop(last + 1) / this.#run.level);
    this.#end((last + 1 + rest) * HOP);
  }

  #endFrame(): void {
    const { frame } = this.#frames;
    this.#frames.analyse(this.#samples, LONG - SHORT);
    const centre = this.#hopCount * HOP - SHORT / 2;
    const hopPower = this.#hop(Math.floor(centre / HOP));
    const run = this.#run;
    if (run?.accepts(frame)) {
      run.add(frame, centre, hopPower);
      this.#drop(this.#next);
      this.#next = undefined;
      this.#onFit(run);
      return;
    }
    this.#miss(centre, hopPower);
  }

  #onFit(run: ToneRun): void {
    if (!this.#tone) {
      if (run.fits >= CONFIRMING) this.#begin(run, this.#edgeBefore(run));
      return;
    }
    this.#tone.endMs = msOf(Math.max(run.lastCentre, this.#startSample));
    const sounding = this.#hopCount * HOP - this.#startSample;
    if (sounding < LONG || this.#silentHops > DIP_HOPS || run.fits % 2 === 0) return;
    // Made-up samples repeat what came before, which moves the lines.
    if (this.#lastLost * HOP >= this.#hopCount * HOP - LONG) return;
    this.#frames.resolve(this.#samples, 0);
    run.addLines(this.#frames);
    run.describe(this.#tone);
  }

  #miss(centre: number, hopPower: number): void {
    const run = this.#run;
    // A window with samples that were made up says nothing against the tone.
    if (run && this.#lastLost * HOP >= centre - SHORT / 2) return;
    this.#followNext(centre, hopPower);
    if (!run) {
      this.#run = this.#next;
      this.#next = undefined;
      return;
    }
    run.misses++;
    if (this.#next && this.#next.fits >= CONFIRMING) {
      const boundary = (run.lastCentre + this.#next.firstCentre) / 2;
      if (this.#tone) this.#end(boundary);
      else this.#drop(run);
      this.#run = this.#next;
      this.#next = undefined;
      this.#begin(this.#run, boundary);
    } else if (this.#tone) {
      if (run.misses >= ENDING) this.#end(run.lastCentre + HOP);
    } else if (run.misses > FORGIVEN) {
      this.#drop(run);
      this.#run = this.#next;
      this.#next = undefined;
    }
  }

  /** Another tone may have begun: frames that do not fit the current one are its first. */
  #followNext(centre: number, hopPower: number): void {
    const { frame } = this.#frames;
    if (this.#next?.accepts(frame)) {
      this.#next.add(frame, centre, hopPower);
      return;
    }
    this.#drop(this.#next);
    this.#next = undefined;
    if (!ToneRun.canStart(frame)) return;
    this.#next = this.#spare.pop();
    this.#next?.start(frame, centre, hopPower);
  }

  #begin(run: ToneRun, startSample: number): void {
    this.#startSample = startSample;
    this.#silentHops = 0;
    this.#tone = {
      startMs: msOf(startSample),
      endMs: msOf(Math.max(run.lastCentre, startSample)),
      frequencies: [],
      levelDbfs: 0,
      purity: 0,
      spreadHz: 0,
    };
    run.describe(this.#tone);
    this.#sink.toneBegan?.(this.#tone);
  }

  #end(sample: number): void {
    const run = this.#run;
    const tone = this.#tone;
    this.#tone = undefined;
    this.#run = undefined;
    this.#drop(run);
    if (!tone || !run) return;
    run.describe(tone);
    tone.endMs = Math.max(tone.startMs, msOf(sample));
    this.#sink.toneEnded?.(tone);
  }

  #drop(run: ToneRun | undefined): void {
    if (run) this.#spare.push(run);
  }

  /** Where the power rises to that of the tone, in samples; the first window may have only touched it. */
  #edgeBefore(run: ToneRun): number {
    const middle = Math.floor(run.firstCentre / HOP);
    const oldest = Math.max(0, middle - LOOK_BACK, this.#hopCount - KEPT_HOPS);
    const threshold = EDGE_PART * run.level;
    let edge = Math.min(middle + LOOK_AHEAD, this.#hopCount - 1);
    for (let hop = edge; hop >= oldest && edge - hop <= DIP_HOPS; hop--) {
      if (this.#hop(hop) >= threshold) edge = hop;
    }
    // Sound before the tone that is as loud hides its edge: then the first window that is pure tells where it is.
    if (edge <= oldest && oldest > 0) return run.firstCentre;
    const part = Math.min(1, this.#hop(edge) / run.level);
    return (edge + 1 - part) * HOP;
  }

  /** Mean square of a hop that is kept. */
  #hop(index: number): number {
    return index < 0 ? 0 : this.#hops[index % KEPT_HOPS];
  }
}
