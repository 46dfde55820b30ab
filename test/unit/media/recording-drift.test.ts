import assert from 'node:assert/strict';
import { record, type Peer, type Recorded } from '../../../bench/media/recorded-hour';
import { stretch } from '../../../lib/audio/stretch';
import { ReceivedTrack } from '../../../lib/media/worker/record/received-track';

const HOUR = 3600;
const TEN_MINUTES = 600;

/** Numbers that look random and are the same in each run. */
function noise(index: number): number {
  let word = Math.imul(index + 1, 0x9e3779b1);
  word = Math.imul(word ^ (word >>> 15), 0x85ebca6b);
  return ((word ^ (word >>> 13)) >>> 0) / 2 ** 32;
}

/** The first and last packets: what they lack is missing at the ends of the file. */
const isEdge = (index: number): boolean => index < 5 || index > 50 * TEN_MINUTES - 10;

function assertInTime({ skewMs }: Recorded): void {
  assert.ok(skewMs.most <= 20, JSON.stringify(skewMs));
}

function assertWhole(recorded: Recorded): void {
  const { holes, overwritten, steps } = recorded;
  assert.deepEqual({ holes, overwritten, steps }, { holes: 0, overwritten: 0, steps: 0 });
  assertInTime(recorded);
}

describe('media: recordings of a peer whose clock is not ours', () => {
  for (const ppm of [-100, 100]) {
    it(`an hour at ${ppm} ppm has no hole, no overlap and no step, and its sides stay together`, () => {
      const recorded = record({ ppm, seconds: HOUR });
      assertWhole(recorded);
      assert.ok(Math.abs(recorded.seconds - HOUR) < 1, `${recorded.seconds} s`);
    }).timeout(30_000);
  }

  for (const ppm of [-200, 0, 200]) {
    it(`so do ten minutes at ${ppm} ppm over a path with 40 ms of jitter, packets that overtake each other too`, () => {
      assertWhole(
        record({
          ppm,
          seconds: TEN_MINUTES,
          jitterMs: (index) => (isEdge(index) ? 0 : 40 * noise(index) ** 2),
        }),
      );
    });

    for (const channels of ['received', 'mixed'] as const) {
      it(`so does a recording of ${channels} at ${ppm} ppm`, () => {
        const { holes, overwritten, steps } = record({ ppm, seconds: TEN_MINUTES, channels });
        assert.deepEqual([holes, overwritten, steps], [0, 0, 0]);
      });
    }

    it(`lost packets are holes, and nothing else is (${ppm} ppm)`, () => {
      const isMissing = (index: number): boolean => index % 500 !== 0 && noise(index) < 0.02;
      const count = Array.from({ length: 50 * TEN_MINUTES }, (_, index) => index).filter(isMissing).length;
      const recorded = record({
        ppm,
        seconds: TEN_MINUTES,
        isMissing,
        jitterMs: (index) => 15 * noise(index),
      });
      assert.ok(
        Math.abs(recorded.holesMs - 20 * count) < 0.02 * 20 * count,
        `${recorded.holesMs} of ${20 * count} ms`,
      );
      assert.equal(recorded.overwritten, 0);
      assert.equal(recorded.steps, 0);
      assertInTime(recorded);
    });

    it(`a peer that sends nothing in silence, or holds for two minutes, is where it was afterwards (${ppm} ppm)`, () => {
      const isMissing = (index: number): boolean =>
        index % 500 > 4 && ((index % 1000 > 700 && index < 12_000) || (index > 15_000 && index < 21_000));
      const recorded = record({
        ppm,
        seconds: TEN_MINUTES,
        isMissing,
        jitterMs: (index) => 10 * noise(index),
      });
      assert.deepEqual([recorded.overwritten, recorded.steps], [0, 0]);
      assertInTime(recorded);
    });

    it(`another stream, which has other timestamps, joins without a hole (${ppm} ppm)`, () => {
      const recorded = record({ ppm, seconds: TEN_MINUTES, restarts: (index) => index % 5000 === 4990 });
      assert.equal(recorded.overwritten, 0);
      assert.ok(recorded.holesMs < 6 * 20, `${recorded.holesMs} ms`);
      assertInTime(recorded);
    });
  }

  it('a first packet that came late does not keep the two sides apart', () => {
    const first: Peer = { ppm: 0, seconds: 60, jitterMs: (index) => (index === 0 ? 60 : 0) };
    const { holes, overwritten, steps, skewMs } = record(first);
    assert.deepEqual([holes, overwritten, steps], [0, 0, 0]);
    assert.ok(skewMs.start <= 40 && skewMs.end <= 6, JSON.stringify(skewMs));
  });

  it('a tone of some seconds stays as it is, however late its first packet came', () => {
    const frame = Int16Array.from({ length: 160 }, (_, at) =>
      Math.round(9000 * Math.sin((2 * Math.PI * at) / 8)),
    );
    let written = 0;
    const track = new ReceivedTrack(8000, 0, (pcm, count) => {
      written++;
      assert.deepEqual(pcm.subarray(0, count), frame);
    });
    for (let index = 0; index < 200; index++) {
      // The first packet's place is where it came, 60 ms late.
      track.take(frame, 160, 480 + 160 * index, index === 0 ? 480 : 160 * index);
    }
    assert.equal(written, 200);
  });
});

describe('audio: a frame that is made longer or shorter', () => {
  for (const hz of [300, 1000, 3000]) {
    for (const by of [-8, -1, 1, 8]) {
      it(`keeps a tone of ${hz} Hz clean and joins its neighbours (${by})`, () => {
        const count = 160;
        const wave = (at: number): number => 10_000 * Math.sin((2 * Math.PI * hz * at) / 8000);
        const input = Int16Array.from({ length: count }, (_, index) => Math.round(wave(index)));
        const output = new Int16Array(count + 8);
        assert.equal(stretch(input, count, by, output), count + by);
        const middle = count - 24;
        for (let index = 0; index < count + by; index++) {
          const inside = index - 11;
          const at =
            index < 12
              ? index
              : index >= count + by - 12
                ? index - by
                : 11 + (inside * (middle + 1)) / (middle + by + 1);
          assert.ok(Math.abs(output[index] - wave(at)) < 40, `${index}: ${output[index]} for ${wave(at)}`);
        }
      });
    }
  }

  it('never goes beyond 16 bits', () => {
    const loud = Int16Array.from({ length: 160 }, (_, index) => (index % 3 === 0 ? 32767 : -32768));
    const output = new Int16Array(161);
    stretch(loud, 160, 1, output);
    assert.ok(output.every((sample, index) => index < 12 || sample !== 0));
  });
});
