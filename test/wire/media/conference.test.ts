import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  createConference,
  createNullMediaEngine,
  type MediaEngine,
  type MediaParameters,
} from '../../../lib/media';
import { connectedPair, runningEngine, smallRange, towards, withFolder } from './support/sessions';
import { readWav, windowShare } from './support/tones';

const G722: Partial<MediaParameters> = {
  codec: { name: 'G722', sendPayloadType: 9, receivePayloadType: 9 },
};

/** Windows of 100 ms in which all tones but a member's own are heard, alike; its own never is. */
function wholeWindows(file: string, tones: number[], own: number): number {
  const { channels, sampleRate } = readWav(file);
  const size = sampleRate / 10;
  let whole = 0;
  for (let from = 0; from + size <= channels[0].length; from += size) {
    const window = channels[0].subarray(from, from + size);
    const shares = tones.map((hz) => windowShare(window, hz, sampleRate));
    assert.ok(shares[own] < 0.15, `member ${own} hears itself: ${shares[own]}`);
    if (shares.every((share, other) => other === own || share > 0.3)) whole++;
  }
  return whole;
}

describe('media: conference', function () {
  this.timeout(30_000);
  let engine: MediaEngine;
  before(async () => {
    engine = await runningEngine({ workers: 2 });
  });
  after(() => engine.close());

  it('lets each of three hear the two others and not itself, over two workers and two codecs', () =>
    withFolder(async (folder) => {
      const calls = [
        await connectedPair(engine),
        await connectedPair(engine),
        await connectedPair(engine, G722),
      ];
      const tones = [400, 700, 1100];
      const conference = createConference();
      for (const { b } of calls) conference.join(b);
      assert.equal(conference.size, 3);
      for (const [index, { a }] of calls.entries()) void a.play({ source: `tone:${tones[index]}` });
      // Deadlines that a busy machine skips break the tones; so a good second of all three is waited for.
      const until = performance.now() + 15_000;
      for (let round = 0, good = false; !good; round++) {
        const recordings = calls.map(({ a }, index) =>
          a.record({
            file: join(folder, `${round}-${index}.wav`),
            channels: 'received',
            maxDurationMs: 1000,
          }),
        );
        const results = await Promise.all(recordings.map(({ finished }) => finished));
        const whole = results.map(({ file }, index) => wholeWindows(file, tones, index));
        good = whole.every((count) => count >= 3);
        assert.ok(
          good || performance.now() < until,
          `windows in which both others are heard: ${whole.join()}`,
        );
      }
      await calls[0].b.close();
      assert.equal(conference.size, 2, 'who hangs up has left');
      conference.leave(calls[1].b);
      conference.close();
      assert.equal(conference.size, 0);
      calls[1].b.bridge(calls[2].b).stop();
      await Promise.all(calls.flatMap(({ a, b }) => [a.close(), b.close()]));
    }));

  it('a playback that mixes is heard together with the others; any other replaces them', () =>
    withFolder(async (folder) => {
      const calls = [await connectedPair(engine), await connectedPair(engine), await connectedPair(engine)];
      const conference = createConference();
      for (const { b } of calls) conference.join(b);
      await calls[0].a.play({ source: 'tone:400' }).started;
      const [, listener] = calls;
      let files = 0;
      /** Records until some 100 ms are as they should be; a busy machine skips deadlines, which breaks the tones. */
      const until = async (right: (shares: [speaker: number, announcement: number]) => boolean) => {
        for (;;) {
          const file = join(folder, `heard-${files++}.wav`);
          const recording = listener.a.record({ file, channels: 'received', maxDurationMs: 500 });
          const { channels, sampleRate } = readWav((await recording.finished).file);
          for (let from = 0; from + 800 <= channels[0].length; from += 800) {
            const window = channels[0].subarray(from, from + 800);
            if (right([windowShare(window, 400, sampleRate), windowShare(window, 1100, sampleRate)])) return;
          }
        }
      };
      for (const mix of [true, false]) {
        const playback = listener.b.play({ source: 'tone:1100', mix });
        await playback.started;
        await until(
          ([speaker, announcement]) => announcement > 0.3 && (mix ? speaker > 0.3 : speaker < 0.05),
        );
        playback.stop('stopped');
        await playback.finished;
        await until(([speaker, announcement]) => speaker > 0.9 && announcement < 0.05);
      }
      await Promise.all(calls.flatMap(({ a, b }) => [a.close(), b.close()]));
    }));

  it('refuses who is elsewhere already, foreign, or gone', async () => {
    const [one, two] = [await connectedPair(engine), await connectedPair(engine)];
    const [conference, other] = [createConference(), createConference()];
    conference.join(one.a);
    assert.throws(() => other.join(one.a), { code: 'CALL_STATE' });
    assert.throws(() => conference.join(one.a), { code: 'CALL_STATE' });
    assert.throws(() => one.a.bridge(two.a), { code: 'CALL_STATE' });
    const nullEngine = createNullMediaEngine();
    const foreign = (await nullEngine.reserve(smallRange(1))).open(towards(9));
    assert.throws(() => conference.join(foreign), { code: 'CALL_STATE' });
    await foreign.close();
    await two.a.close();
    assert.throws(() => conference.join(two.a), { code: 'CALL_ENDED' });
    conference.leave(two.b);
    await Promise.all([one.a, one.b, two.b].map((session) => session.close()));
    assert.equal(conference.size, 0);
  });
});
