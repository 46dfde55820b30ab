// Bob plays a sound that the package ships; Alice records what she hears into a folder of its own.
import { createWorld } from '@sipflow/node-red-sipflow';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

async function main(): Promise<void> {
  const world = createWorld();
  const recordingsDir = await mkdtemp(join(tmpdir(), 'sipflow-'));
  const alice = world.phone({ number: '1001', recordingsDir });
  const bob = world.phone({ number: '1002' });
  await Promise.all([alice.start(), bob.start()]);
  bob.onCall(async (call) => {
    await call.answer();
    const playback = await call.play({ source: 'sipflow:prompt' });
    await playback.finished;
    await call.hangup();
  });

  const call = await alice.dial('1002');
  await call.outcome;
  const recording = await call.record({ file: 'heard-by-{{instance}}.wav', channels: 'received' });
  const { file, durationMs, reason } = await recording.finished;
  console.log(file, `${(durationMs / 1000).toFixed(1)} s`, reason);
  await world.close();
}

void main();
