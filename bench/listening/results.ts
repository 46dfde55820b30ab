import type { PromptDetection } from '../../lib/audio';
import type { Heard } from './channel';
import type { LossName } from './lines';

interface Right {
  loss: LossName;
  variant: string;
  codec: string;
  found: boolean;
  score: number;
}

const THRESHOLDS = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** Counts of the benchmark. */
export class Results {
  readonly #right: Right[] = [];
  readonly #wrongScores: number[] = [];
  readonly #errorsMs: number[] = [];
  #wrongAccepts = 0;
  #identified = 0;
  #identifiedOf = 0;

  /** A prompt that was sent. */
  addRight(
    loss: LossName,
    variant: string,
    codec: string,
    heard: PromptDetection | undefined,
    nearest: PromptDetection | undefined,
    truth: Heard,
  ): void {
    this.#right.push({ loss, variant, codec, found: heard !== undefined, score: nearest?.score ?? 0 });
    if (!heard) return;
    this.#errorsMs.push(Math.abs(heard.startMs - truth.startMs), Math.abs(heard.endMs - truth.endMs));
  }

  /** Another prompt than the one that was sent. */
  addWrong(heard: PromptDetection | undefined, nearest: PromptDetection | undefined, what: string): void {
    this.#wrongScores.push(nearest?.score ?? 0);
    if (!heard) return;
    this.#wrongAccepts++;
    console.log(
      `  wrong: ${what} (${heard.score}, beginning missing: ${Math.round(heard.missingStartMs)} ms)`,
    );
  }

  addIdentified(isRight: boolean): void {
    this.#identifiedOf++;
    if (isRight) this.#identified++;
  }

  summary(): string {
    const { pairs, wrongAccepts, found } = this.figures();
    return `${pairs} pairs, ${wrongAccepts} wrong; found ${found.clean} / ${found.loss5} / ${found.loss20}`;
  }

  figures(): {
    pairs: number;
    wrongAccepts: number;
    found: Record<LossName, number>;
    identified: number;
  } {
    const found = (loss: LossName): number => share(this.#right.filter((one) => one.loss === loss));
    return {
      pairs: this.#wrongScores.length,
      wrongAccepts: this.#wrongAccepts,
      found: { clean: found('clean'), loss5: found('loss5'), loss20: found('loss20') },
      identified: this.#identifiedOf === 0 ? 0 : rounded(this.#identified / this.#identifiedOf),
    };
  }

  /** Error of the reported start and end. */
  latencyErrorMs(): { p50: number; p95: number } {
    const sorted = this.#errorsMs.sort((a, b) => a - b);
    const at = (part: number): number =>
      Math.round((sorted[Math.floor(part * sorted.length)] ?? 0) * 10) / 10;
    return { p50: at(0.5), p95: at(0.95) };
  }

  /** Shares found by variant and codec, and both kinds of error by threshold. */
  printCurves(): void {
    for (const by of ['variant', 'codec'] as const) {
      for (const name of new Set(this.#right.map((one) => one[by]))) {
        const ofLoss = (loss: LossName): string =>
          share(this.#right.filter((one) => one[by] === name && one.loss === loss)).toFixed(3);
        console.log(`${name.padEnd(10)} found ${ofLoss('clean')} / ${ofLoss('loss5')} / ${ofLoss('loss20')}`);
      }
    }
    for (const threshold of THRESHOLDS) {
      const missed = this.#right.filter(({ score }) => score < threshold).length / this.#right.length;
      const wrong = this.#wrongScores.filter((score) => score >= threshold).length / this.#wrongScores.length;
      console.log(
        `score ${threshold}: missed ${missed.toFixed(4)}, other prompts above it ${wrong.toFixed(5)}`,
      );
    }
  }
}

function share(trials: readonly Right[]): number {
  return trials.length === 0 ? 0 : rounded(trials.filter(({ found }) => found).length / trials.length);
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
