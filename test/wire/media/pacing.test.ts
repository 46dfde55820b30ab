import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createMediaEngine, type MediaStatistics } from '../../../lib/media';
import { RtpSink, type Arrivals } from './support/rtp-sink';
import { RANGE, towards, withFolder } from './support/sessions';
import { readWav, sine, soundSpan, writeWav } from './support/tones';

const STREAMS = 10;
const PTIME = 20;
const SECONDS = 60;

/** Keeps the main thread busy: 10 ms of every 50 ms, and 200 ms in one piece every 5 s. */
async function beBusy(ms: number): Promise<void> {
  const until = performance.now() + ms;
  for (let round = 1; performance.now() < until; round++) {
    const burnUntil = performance.now() + (round % 100 === 0 ? 200 : 10);
    while (performance.now() < burnUntil);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** Milliseconds of RTP clock between two packets. */
function rtpMs(from: number, to: number): number {
  return ((to - from) | 0) / 8;
}

/** RTP clock minus wall clock in milliseconds around a packet: the median of some, because receiving is late at times. */
function offsetAround(arrivals: Arrivals, from: number, count: number): number {
  const offsets = Array.from({ length: count }, (_, index) => {
    const at = from + index;
    return rtpMs(arrivals.timestamp[0], arrivals.timestamp[at]) - (arrivals.at[at] - arrivals.at[0]);
  });
  return offsets.sort((a, b) => a - b)[count >> 1];
}

function checkStream(arrivals: Arrivals, figures: MediaStatistics): void {
  const count = arrivals.at.length;
  let skipped = 0;
  for (let index = 1; index < count; index++) {
    const step = rtpMs(arrivals.timestamp[index - 1], arrivals.timestamp[index]);
    assert.equal((arrivals.sequence[index] - arrivals.sequence[index - 1]) & 0xffff, 1, 'nothing is lost');
    if (step === PTIME) continue;
    assert.ok(step > PTIME && step % PTIME === 0, `a step of ${step} ms`);
    assert.ok(arrivals.marker[index], 'a gap is marked');
    skipped += step / PTIME - 1;
  }
  assert.ok(skipped <= figures.skippedTicks, `${skipped} steps, ${figures.skippedTicks} counted`);
  assert.ok(figures.skippedTicks - skipped <= 50, 'what was counted can be seen');
  const drift = offsetAround(arrivals, count - 50, 50) - offsetAround(arrivals, 1, 50);
  assert.ok(Math.abs(drift) < PTIME, `RTP clock and wall clock differ by ${drift} ms`);
}

describe('media: pacing', () => {
  it(`pitfall 5: in ${SECONDS} s of playback under CPU load RTP clock and wall clock stay within a packet`, function () {
    this.timeout((SECONDS + 30) * 1000);
    return withFolder(async (folder) => {
      const prompt = join(folder, 'prompt.wav');
      writeWav(prompt, sine(440, 5000));
      const sink = await RtpSink.open(STREAMS);
      const engine = createMediaEngine({ workers: 1 });
      const sessions = await Promise.all(
        sink.ports.map(async (port) => (await engine.reserve(RANGE)).open(towards(port))),
      );
      const recording = sessions[0].record({ file: join(folder, 'sent.wav'), channels: 'sent' });
      const playbacks = sessions.map((session) => session.play({ source: prompt, loop: true }));
      await Promise.all(playbacks.map((playback) => playback.started));
      await beBusy(SECONDS * 1000);
      for (const playback of playbacks) playback.stop('stopped');
      await sessions[0].finishRecordings('stopped');
      const figures = await Promise.all(sessions.map((session) => session.close()));
      const arrivals = await sink.close();
      const played = await Promise.all(playbacks.map((playback) => playback.finished));
      const result = await recording.finished;
      await engine.close();

      arrivals.forEach((stream, index) => checkStream(stream, figures[index]));
      played.forEach(({ playedMs }, index) => {
        // The prompt keeps its position over skipped deadlines: as much was played as packets went out.
        assert.ok(playedMs <= figures[index].sent.packets * PTIME);
        assert.ok(playedMs >= (figures[index].sent.packets - 50) * PTIME, `${playedMs} ms`);
      });
      const wav = readWav(result.file);
      assert.ok(wav.durationMs > SECONDS * 1000 - 100);
      assert.ok(soundSpan(wav.channels[0]), 'what was sent was recorded meanwhile');
    });
  });
});
