/**
 * `npm run bench:media -- captures [streams] [seconds] [rounds]`: CPU of a call whose packets are captured over that of one
 * whose are not. The median of the rounds counts; the last line is JSON.
 */
import { median, sideBySide } from './side-by-side';

/** Largest shares of CPU that a capture may add. */
const TARGETS = { headers: 0.03, audio: 0.08 } as const;

async function main(): Promise<void> {
  const compared = await sideBySide({
    kinds: { off: {}, headers: { capture: 'headers' }, audio: { capture: 'audio' } },
    program: __filename,
    defaults: [150, 6, 9],
  });
  if (!compared) return;
  const { streams, rounds, ratios } = compared;
  const added = { headers: median(ratios.headers) - 1, audio: median(ratios.audio) - 1 };
  for (const kind of ['headers', 'audio'] as const) {
    const met = added[kind] <= TARGETS[kind] ? 'met   ' : 'MISSED';
    console.log(
      `${met} capture of ${kind}: ${(100 * added[kind]).toFixed(1)} % (≤ ${100 * TARGETS[kind]} %)`,
    );
  }
  console.log(JSON.stringify({ streams, rounds, added, ratios }));
}

void main();
