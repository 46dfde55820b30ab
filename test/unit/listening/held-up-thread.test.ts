import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Ear } from '../../../lib/media/worker/listen/ear';
import type { Heard } from '../../../lib/media/types';

const PACKET_MS = 20;
const PACKET = 160;

/** A voice that speaks from 1 s to 2.2 s. */
const voice = Int16Array.from({ length: 4 * 8000 }, (_, i) => {
  const ms = i / 8;
  if (ms < 1000 || ms >= 2200) return 0;
  const pitch = 120 + 30 * Math.sin(i / 900);
  const loudness = 0.6 + 0.4 * Math.sin((2 * Math.PI * 4 * i) / 8000);
  let sum = 0;
  for (let line = 1; line <= 12; line++) sum += Math.sin((2 * Math.PI * pitch * line * i) / 8000) / line;
  return Math.round(4000 * loudness * sum);
});

/**
 * Hears the voice in a thread that is held up between two times, then ticks, and only then reads the packets that have
 * come meanwhile.
 */
async function hearWhileHeldUp(fromMs: number, toMs: number): Promise<Heard> {
  let heard: Heard | undefined;
  const ear = new Ear(0, (event) => {
    if (event.type === 'listened') heard = event.result.heard;
  });
  const request = { for: 'end-of-speech', since: 'start', timeoutMs: 60_000, silenceMs: 500, capture: false };
  ear.listen(1, request as Parameters<Ear['listen']>[1], 0);
  let unread = 0;
  let now = 0;
  for (; now < 4000 && !heard; now += PACKET_MS) {
    if (now > fromMs && now < toMs) continue;
    ear.tick(now);
    for (; unread * PACKET_MS <= now; unread++) {
      const at = unread * PACKET;
      ear.received(voice.subarray(at, at + PACKET), PACKET, 8000, at, now * 8, unread === 0);
    }
  }
  // Listeners have a share of the real time, which four seconds take that are over in some milliseconds.
  for (; now < 10_000 && !heard; now += PACKET_MS) {
    ear.tick(now);
    await delay(PACKET_MS);
  }
  assert.ok(heard);
  return heard;
}

describe('listening in a thread that is held up', () => {
  for (const heldUpMs of [0, 200, 380]) {
    it(`hears all that came meanwhile, and when it was, after ${heldUpMs} ms`, async () => {
      const { what, startMs, endMs } = await hearWhileHeldUp(900, 900 + heldUpMs);
      assert.equal(what, 'end-of-speech');
      assert.ok(Math.abs(startMs - 1000) <= 20 && Math.abs(endMs - 2200) <= 30, `${startMs} to ${endMs}`);
    });
  }
});
