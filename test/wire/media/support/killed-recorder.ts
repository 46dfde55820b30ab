import { createMediaEngine } from '../../../../lib/media';
import { connectedPair } from './sessions';

/** A process of its own that records a call until it is killed. Arguments: prompt, recording. */
async function main(): Promise<void> {
  const [prompt, file] = process.argv.slice(2);
  const { a, b } = await connectedPair(createMediaEngine({ workers: 1 }));
  await a.play({ source: prompt, loop: true }).started;
  await b.record({ file, channels: 'stereo' }).started;
  process.stdout.write('recording\n');
}

void main();
