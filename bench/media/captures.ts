/**
 * `npm run bench:media -- captures [streams] [seconds] [processes]`: CPU of a call whose packets are captured over that of
 * one whose are not, each figure with the range that holds it in 95 of 100 such runs; the last line is JSON.
 */
import { sideBySide } from './side-by-side';

/** Largest shares of CPU that a capture may add. */
const TARGETS = { headers: 0.03, audio: 0.08 } as const;

async function main(): Promise<void> {
  const compared = await sideBySide({
    kinds: { off: {}, headers: { capture: 'headers' }, audio: { capture: 'audio' } },
    program: __filename,
    defaults: [150, 1.5, 6],
  });
  if (!compared) return;
  for (const kind of ['headers', 'audio'] as const) {
    const { median, low, high } = compared.ratios[kind];
    const met = median - 1 <= TARGETS[kind] ? 'met   ' : 'MISSED';
    const [added, least, most] = [median, low, high].map((ratio) => (100 * (ratio - 1)).toFixed(1));
    console.log(`${met} capture of ${kind}: ${added} % (${least} to ${most}; ≤ ${100 * TARGETS[kind]} %)`);
  }
  console.log(JSON.stringify(compared));
}

void main();
