import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallRef } from '../../lib/calls';
import { readWav, windowShare } from '../wire/media/support/tones';
import { Asterisk } from './support/asterisk';
import { Flow, PATIENCE_MS } from './support/flow';
import { eventually } from './support/peer-process';
import { describePeer } from './support/suite';

/** What the members say, hertz: no harmonic of one is another. */
const TONES = [400, 700, 1100, 1700, 2300];

/** Windows of 100 ms of a recording: the share that each tone has of the energy of each. */
function sharesIn(file: string): number[][] {
  const { channels, sampleRate } = readWav(file);
  const size = sampleRate / 10;
  return Array.from({ length: Math.floor(channels[0].length / size) }, (_, index) => {
    const window = channels[0].subarray(index * size, (index + 1) * size);
    return TONES.map((hz) => windowShare(window, hz, sampleRate));
  });
}

describePeer(
  'Asterisk: conference',
  'unpack it with "npm run test:interop -- --fetch"',
  () => Asterisk.open(),
  (asterisk) => {
    let flow: Flow | undefined;
    afterEach(() => flow?.close());

    it('five of its channels, each of which hears the four others and not itself #conference', async () => {
      const registrar = asterisk().address;
      const phone = await Flow.open({
        user: 'desk',
        password: 'secret',
        fields: { registrar, codecs: ['PCMA', 'PCMU'] },
        answers: true,
      });
      flow = phone;
      await phone.registration('desk');
      const members: CallRef[] = [];
      for (const hz of TONES) {
        await asterisk().callFrom(`tone${hz}`, 'desk');
        const call = await phone.pickedUp();
        members.push(call);
        phone.bench.send('confer', { call, room: 'five' });
        const { conference } = await phone.next('conferring');
        const { calls } = conference as { calls: string[] };
        assert.deepEqual(
          calls,
          members.map(({ id }) => id),
        );
      }
      // A good second of all five; a busy machine breaks a tone up here and there.
      const heard = async (): Promise<number[]> => {
        await delay(1000);
        return TONES.map((own, member) => {
          const file = asterisk().heardBy(own);
          const all = existsSync(file) ? sharesIn(file) : [];
          return all.filter((shares) =>
            shares.every((share, tone) => (tone === member ? share < 0.02 : share > 0.1)),
          ).length;
        });
      };
      const until = performance.now() + PATIENCE_MS / 2;
      let whole = await heard();
      while (!whole.every((count) => count >= 10) && performance.now() < until) whole = await heard();
      assert.ok(
        whole.every((count) => count >= 10),
        `windows of 100 ms with the four others: ${whole.join(', ')}`,
      );
      for (const [member, own] of TONES.entries()) {
        const loudest = Math.max(...sharesIn(asterisk().heardBy(own)).map((shares) => shares[member]));
        assert.ok(loudest < 0.1, `${own} Hz hears itself: ${loudest} of a window`);
      }

      for (const call of members) await phone.hangup(call);
      const rest: string[][] = [];
      while (rest.length < members.length) {
        const { conference } = await phone.next('left');
        const { reason, calls } = conference as { reason: string; calls: string[] };
        assert.equal(reason, 'hangup');
        rest.push(calls);
      }
      assert.deepEqual(rest.at(-1), []);
      await eventually('the end of its channels', async () =>
        (await asterisk().cli('core show channels count')).includes('0 active channels') ? true : undefined,
      );
    });
  },
);
