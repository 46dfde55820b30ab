import assert from 'node:assert/strict';
import { assertHeard, SWEEP } from '../../interop/support/sound';
import { chirp, join, noise, silence } from '../../support/audio';

const RATE = 8000;

/** A recording of parts with a second of faint noise before and behind. */
const recorded = (...parts: Int16Array[]) => join(noise(RATE, 3, 1), ...parts, noise(RATE, 3, 2));

describe('what the tests against real peers take for heard', () => {
  it('once, and twice wherever the better match of a piece is', () => {
    const noisy = (seed: number) => {
      const grain = noise(SWEEP.length, 40, seed);
      return SWEEP.map((sample, n) => sample + (grain[n] ?? 0));
    };
    assertHeard(recorded(SWEEP), SWEEP);
    for (let seed = 1; seed <= 3; seed++) {
      assertHeard(recorded(noisy(seed), silence(RATE, 0.8), noisy(seed + 10)), SWEEP);
    }
  });

  it('with a packet that came too late', () => {
    const half = SWEEP.length / 2;
    assertHeard(recorded(SWEEP.slice(0, half), silence(RATE, 0.02), SWEEP.slice(half)), SWEEP);
  });

  it('of wideband audio from whose samples every second was left out, whichever', () => {
    const wide = join(silence(RATE, 1), chirp(300, 3000, 2 * RATE, 2), silence(RATE, 1));
    for (const first of [0, 1]) {
      assertHeard(
        wide.filter((_, n) => n % 2 === first),
        SWEEP,
      );
    }
  });

  it('not with half of it, in the wrong order, or as noise', () => {
    const half = SWEEP.length / 2;
    const refused = [
      recorded(SWEEP.slice(half)),
      recorded(SWEEP.slice(half), silence(RATE, 1), SWEEP.slice(0, half)),
      noise(RATE * 5, 4000),
      new Int16Array(0),
    ];
    for (const samples of refused) assert.throws(() => assertHeard(samples, SWEEP), /correlate/);
  });
});
