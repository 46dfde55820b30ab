/**
 * `npm run bench:media -- drivers [streams] [seconds] [rounds]`: CPU of a call over the native driver for datagrams over
 * that of one over node:dgram. The median of the rounds counts; the last line is JSON.
 */
import { median, sideBySide } from './side-by-side';

async function main(): Promise<void> {
  const compared = await sideBySide({
    kinds: { dgram: { engine: { datagrams: 'dgram' } }, native: { engine: { datagrams: 'native' } } },
    program: __filename,
    defaults: [250, 6, 5],
  });
  if (!compared) return;
  const native = median(compared.ratios.native);
  console.log(`A packet over the native driver costs ${native.toFixed(2)} of one over node:dgram.`);
  console.log(JSON.stringify({ ...compared, native }));
}

void main();
