/**
 * `npm run bench:media -- drivers [streams] [seconds] [processes]`: CPU of a call over the native driver for datagrams over
 * that of one over node:dgram; the last line is JSON.
 */
import { sideBySide } from './side-by-side';

async function main(): Promise<void> {
  const compared = await sideBySide({
    kinds: { dgram: { engine: { datagrams: 'dgram' } }, native: { engine: { datagrams: 'native' } } },
    program: __filename,
    defaults: [250, 2, 3],
  });
  if (!compared) return;
  const { median, low, high } = compared.ratios.native;
  const range = `${low.toFixed(2)} to ${high.toFixed(2)}`;
  console.log(
    `A packet over the native driver costs ${median.toFixed(2)} (${range}) of one over node:dgram.`,
  );
  console.log(JSON.stringify(compared));
}

void main();
