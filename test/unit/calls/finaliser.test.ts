import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { finalise } from '../../../lib/calls/finaliser';
import type { MediaStatistics } from '../../../lib/media/types';
import { FakeClock } from '../../support/fake-clock';

const never = (): Promise<never> => new Promise(() => undefined);
const figures = { ssrc: 1 } as MediaStatistics;

describe('pitfall 8: the finaliser', () => {
  it('gives everything back in order: playback, recordings, BYE, RTP', async () => {
    const order: string[] = [];
    const step = (name: string) => async (): Promise<void> => {
      order.push(`${name} begins`);
      await tick();
      order.push(`${name} ends`);
    };
    const clock = new FakeClock();
    const result = await finalise(clock, {
      stopSending: () => void order.push('playback stops'),
      finishRecordings: step('recording'),
      endSignalling: step('BYE'),
      closeMedia: async () => {
        order.push('RTP closes');
        return figures;
      },
    });
    assert.deepEqual(order, [
      'playback stops',
      'recording begins',
      'recording ends',
      'BYE begins',
      'RTP closes',
      'BYE ends',
    ]);
    assert.equal(result, figures);
    assert.equal(clock.pending, 0);
  });

  it('does not hold back our BYE for more than 500 ms', async () => {
    const clock = new FakeClock();
    let bye = false;
    void finalise(clock, {
      stopSending: () => undefined,
      finishRecordings: never,
      endSignalling: async () => {
        bye = true;
      },
      closeMedia: async () => figures,
    });
    await tick();
    clock.advance(499);
    await tick();
    assert.equal(bye, false);
    clock.advance(1);
    await tick();
    assert.equal(bye, true);
  });

  for (const [what, steps] of Object.entries({
    'a disk that hangs': { finishRecordings: never },
    'a peer that never answers the BYE': { endSignalling: never },
    'a worker that never closes': { closeMedia: never },
  })) {
    it(`takes at most three seconds with ${what}`, async () => {
      const clock = new FakeClock();
      let over = false;
      const done = finalise(clock, {
        stopSending: () => undefined,
        finishRecordings: async () => undefined,
        endSignalling: async () => undefined,
        closeMedia: async () => figures,
        ...steps,
      }).then(() => {
        over = true;
      });
      await tick();
      clock.advance(2999);
      await tick();
      assert.equal(over, false);
      clock.advance(1);
      await done;
    });
  }

  it('goes on when a step fails', async () => {
    const result = await finalise(new FakeClock(), {
      stopSending: () => undefined,
      finishRecordings: () => Promise.reject(new Error('disk full')),
      endSignalling: () => Promise.reject(new Error('no route')),
      closeMedia: async () => figures,
    });
    assert.equal(result, figures);
  });
});
