import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { MediaCodec, MediaEngine, MediaSession, RecordChannels, Recording } from '../../../lib/media';
import { connectedPair, packetTimes, runningEngine, withFolder } from './support/sessions';
import { purestShare, readWav } from './support/tones';

const PCMU: MediaCodec = { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 };
const G722: MediaCodec = { name: 'G722', sendPayloadType: 9, receivePayloadType: 9 };
const CHANNELS: RecordChannels[] = ['mixed', 'stereo', 'received', 'sent'];
/** What the two parties sound like. */
const NEAR_HZ = 440;
const FAR_HZ = 1100;

/** The frequencies that a recording of the near call's session has in each channel. */
const EXPECTED: Record<RecordChannels, number[][]> = {
  mixed: [[NEAR_HZ, FAR_HZ]],
  stereo: [[NEAR_HZ], [FAR_HZ]],
  received: [[NEAR_HZ]],
  sent: [[FAR_HZ]],
};

function recordAll(session: MediaSession, folder: string, name: string): Recording[] {
  return CHANNELS.map((channels) =>
    session.record({ file: join(folder, `${name}-${channels}.wav`), channels }),
  );
}

async function assertBothSides(recording: Recording, sampleRate: number): Promise<void> {
  const result = await recording.finished;
  const wav = readWav(result.file);
  assert.equal(wav.sampleRate, sampleRate);
  for (const [index, frequencies] of EXPECTED[result.channels].entries()) {
    const samples = wav.channels[index];
    const share = purestShare(samples, frequencies, sampleRate);
    assert.ok(share > 0.95, `${result.file}, channel ${index}: ${share} at ${frequencies.join(' and ')} Hz`);
    for (const hz of frequencies) {
      const alone = purestShare(samples, [hz], sampleRate);
      assert.ok(alone > 0.3, `${result.file}, channel ${index}: ${alone} at ${hz} Hz`);
    }
  }
}

describe('media: recordings of bridged calls', () => {
  let engine: MediaEngine;
  before(async () => {
    engine = await runningEngine({ workers: 2 });
  });
  after(() => engine.close());

  for (const [near, far] of [
    [PCMU, PCMU],
    [PCMU, G722],
    [G722, PCMU],
  ]) {
    it(`have both sides, begun before and during the bridge: ${near.name} with ${far.name}`, () =>
      withFolder(async (folder) => {
        const one = await connectedPair(engine, { codec: near, detectInband: false });
        const two = await connectedPair(engine, { codec: far, detectInband: false });
        const before = recordAll(one.b, folder, 'before');
        await Promise.all(before.map(({ started }) => started));
        one.b.bridge(two.a);
        const playbacks = [
          one.a.play({ source: `tone:${NEAR_HZ}` }),
          two.b.play({ source: `tone:${FAR_HZ}` }),
        ];
        await Promise.all(playbacks.map(({ started }) => started));
        await packetTimes(one.b, 25);
        const during = recordAll(one.b, folder, 'during');
        await Promise.all(during.map(({ started }) => started));
        await packetTimes(one.b, 50);
        await one.b.finishRecordings('stopped');
        await Promise.all([one.a, one.b, two.a, two.b].map((session) => session.close()));
        const sampleRate = near.name === 'G722' ? 16000 : 8000;
        for (const recording of [...before, ...during]) await assertBothSides(recording, sampleRate);
      }));
  }

  it('go on with the party alone when the bridge ends', () =>
    withFolder(async (folder) => {
      const one = await connectedPair(engine);
      const two = await connectedPair(engine);
      const bridge = one.b.bridge(two.a);
      const playbacks = [one.a.play({ source: `tone:${NEAR_HZ}` }), two.b.play({ source: `tone:${FAR_HZ}` })];
      await Promise.all(playbacks.map(({ started }) => started));
      bridge.stop();
      await bridge.finished;
      // What the worker of the recorded session was told last it obeys last.
      const recording = one.b.record({ file: join(folder, 'after.wav'), channels: 'stereo' });
      await recording.started;
      await packetTimes(one.b, 40);
      await one.b.finishRecordings('stopped');
      const [received, sent] = readWav((await recording.finished).file).channels;
      assert.ok(purestShare(received, [NEAR_HZ]) > 0.95);
      assert.ok(
        sent.every((sample) => sample === 0),
        'nobody else is in it',
      );
      await Promise.all([one.a, one.b, two.a, two.b].map((session) => session.close()));
    }));
});
