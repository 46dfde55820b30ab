import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  createConference,
  createMediaEngine,
  createNullMediaEngine,
  type MediaEngine,
  type MediaParameters,
} from '../../../lib/media';
import { connectedPair, smallRange, towards, withFolder } from './support/sessions';
import { readWav, windowShare } from './support/tones';

const G722: Partial<MediaParameters> = {
  codec: { name: 'G722', sendPayloadType: 9, receivePayloadType: 9 },
};

describe('media: conference', function () {
  this.timeout(20_000);
  let engine: MediaEngine;
  before(() => {
    engine = createMediaEngine({ workers: 2 });
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
      const recordings = calls.map(({ a }, index) =>
        a.record({ file: join(folder, `${index}.wav`), channels: 'received' }),
      );
      await Promise.all(recordings.map(({ started }) => started));
      for (const [index, { a }] of calls.entries()) void a.play({ source: `tone:${tones[index]}` });
      await new Promise((resolve) => setTimeout(resolve, 5000));
      await Promise.all(calls.map(({ a }) => a.finishRecordings('stopped')));
      for (const [index, recording] of recordings.entries()) {
        const { channels, sampleRate } = readWav((await recording.finished).file);
        const size = sampleRate / 10;
        let whole = 0;
        for (let from = 0; from + size <= channels[0].length; from += size) {
          const window = channels[0].subarray(from, from + size);
          const shares = tones.map((hz) => windowShare(window, hz, sampleRate));
          assert.ok(shares[index] < 0.15, `${index} hears itself: ${shares[index]}`);
          if (shares.every((share, other) => other === index || share > 0.3)) whole++;
        }
        // Deadlines that a busy machine skips break tones; what is left must be the two others at their levels.
        assert.ok(whole >= 5, `${index} hears both others in ${whole} windows`);
      }
      await calls[0].b.close();
      assert.equal(conference.size, 2, 'who hangs up has left');
      conference.leave(calls[1].b);
      conference.close();
      assert.equal(conference.size, 0);
      calls[1].b.bridge(calls[2].b).stop();
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
