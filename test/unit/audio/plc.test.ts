import assert from 'node:assert/strict';
import { PacketLossConcealer } from '../../../lib/audio/plc';
import type { ConcealmentMode } from '../../../lib/audio/plc';

/** A voice-like tone: harmonics of `pitchHz` that fall off, at about −10 dBFS. */
function voice(rate: number, pitchHz: number, ms: number): Int16Array {
  const pcm = new Int16Array((rate * ms) / 1000);
  for (let i = 0; i < pcm.length; i++) {
    let value = 0;
    for (let n = 1; n * pitchHz < 3400; n++)
      value += Math.cos((2 * Math.PI * n * pitchHz * i) / rate + n * n) / n;
    pcm[i] = Math.round(6000 * value);
  }
  return pcm;
}

function noise(rate: number, ms: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length: (rate * ms) / 1000 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 17) - 16384;
  });
}

/** The signal as it is heard when the frames of `lost` do not come. */
function hear(
  mode: ConcealmentMode,
  rate: number,
  signal: Int16Array,
  frameMs: number,
  lost: (frame: number) => boolean,
): Int16Array {
  const plc = new PacketLossConcealer(mode, rate);
  const heard = Int16Array.from(signal);
  const count = (rate * frameMs) / 1000;
  for (let frame = 0; (frame + 1) * count <= heard.length; frame++) {
    if (lost(frame)) {
      heard.fill(12345, frame * count, (frame + 1) * count);
      plc.conceal(heard, frame * count, count);
    } else {
      plc.good(heard, frame * count, count);
    }
    assert.equal(plc.concealing, mode !== 'none' && lost(frame));
  }
  return heard;
}

/** Signal-to-error ratio in dB over a range of milliseconds. */
function snr(signal: Int16Array, heard: Int16Array, rate: number, fromMs: number, toMs: number): number {
  let power = 0;
  let error = 0;
  for (let i = (rate * fromMs) / 1000; i < (rate * toMs) / 1000; i++) {
    power += signal[i] ** 2;
    error += (signal[i] - heard[i]) ** 2;
  }
  return 10 * Math.log10(power / Math.max(1, error));
}

function largestStep(pcm: Int16Array, from = 1, to = pcm.length): number {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(pcm[i] - pcm[i - 1]));
  return largest;
}

function rms(pcm: Int16Array, from: number, to: number): number {
  let power = 0;
  for (let i = from; i < to; i++) power += pcm[i] ** 2;
  return Math.sqrt(power / (to - from));
}

describe('packet loss concealment', () => {
  for (const rate of [8000, 16000]) {
    for (const pitchHz of [70, 101, 133, 190]) {
      it(`pitch, ${rate} Hz: a steady voice of ${pitchHz} Hz goes on through a lost packet`, () => {
        const signal = voice(rate, pitchHz, 400);
        const heard = hear('pitch', rate, signal, 20, (frame) => frame === 10);
        // Before the fading begins, only the rounding of the period to whole samples is wrong.
        const first = snr(signal, heard, rate, 200, 210);
        assert.ok(first > 12, `${first.toFixed(1)} dB in the first 10 ms`);
        const all = snr(signal, heard, rate, 200, 230);
        assert.ok(all > 10, `${all.toFixed(1)} dB in the gap and behind it`);
        assert.deepEqual(heard.subarray(0, (200 * rate) / 1000), signal.subarray(0, (200 * rate) / 1000));
        assert.deepEqual(heard.subarray((230 * rate) / 1000), signal.subarray((230 * rate) / 1000));
      });
    }

    it(`${rate} Hz: pitch is 6 dB better than repetition and than silence`, () => {
      const signal = voice(rate, 115, 2000);
      const quality = (mode: ConcealmentMode): number =>
        snr(
          signal,
          hear(mode, rate, signal, 20, (frame) => frame > 5 && frame % 10 === 0),
          rate,
          0,
          2000,
        );
      const [pitch, repeat, none] = [quality('pitch'), quality('repeat-fade'), quality('none')];
      assert.ok(pitch > none + 6, `${pitch.toFixed(1)} against ${none.toFixed(1)} dB`);
      assert.ok(pitch > repeat + 6, `${pitch.toFixed(1)} against ${repeat.toFixed(1)} dB`);
    });
  }

  for (const mode of ['repeat-fade', 'pitch'] as const) {
    it(`${mode}: no click where a gap begins, within it, or where it ends`, () => {
      for (const lost of [1, 2, 3, 5]) {
        const signal = voice(8000, 117, 600);
        const heard = hear(mode, 8000, signal, 20, (frame) => frame >= 10 && frame < 10 + lost);
        assert.ok(largestStep(heard) <= 1.15 * largestStep(signal), `${lost} packets lost`);
      }
    });

    it(`${mode}: fades, and is silent after 60 ms`, () => {
      const heard = hear(mode, 8000, voice(8000, 150, 500), 20, (frame) => frame >= 10);
      const levels = [200, 220, 240].map((ms) => rms(heard, ms * 8, (ms + 20) * 8));
      assert.ok(levels[0] > levels[1] && levels[1] > levels[2] && levels[2] > 0, levels.join(' '));
      assert.equal(rms(heard, 261 * 8, 500 * 8), 0);
    });

    it(`${mode}: keeps the level of noise`, () => {
      const signal = noise(8000, 500);
      const heard = hear(mode, 8000, signal, 10, (frame) => frame === 30);
      const ratio = rms(heard, 300 * 8, 310 * 8) / rms(signal, 0, signal.length);
      assert.ok(ratio > 0.6 && ratio < 1.4, `${ratio}`);
    });

    it(`${mode}: frames of any length, from the first one on, at full scale`, () => {
      const signal = Int16Array.from({ length: 16000 }, (_, i) => (i % 100 < 50 ? 32767 : -32768));
      for (const count of [1, 7, 80, 160, 161, 480, 960]) {
        const plc = new PacketLossConcealer(mode, 16000);
        const heard = Int16Array.from(signal);
        for (let at = 0, frame = 0; at + count <= heard.length; at += count, frame++) {
          if (frame % 3 !== 1) plc.conceal(heard, at, count);
          else plc.good(heard, at, count);
        }
        plc.conceal(heard, 0, 0);
        plc.good(heard, 0, 0);
        assert.ok(heard.every((sample) => Number.isInteger(sample)));
      }
    });

    it(`${mode}: conceals with silence before anything came, and after reset`, () => {
      const plc = new PacketLossConcealer(mode, 8000);
      const pcm = new Int16Array(160).fill(77);
      plc.conceal(pcm, 0, 160);
      assert.ok(pcm.every((sample) => sample === 0));
      plc.good(voice(8000, 100, 20), 0, 160);
      plc.reset();
      assert.equal(plc.concealing, false);
      pcm.fill(77);
      plc.conceal(pcm, 0, 160);
      assert.ok(pcm.every((sample) => sample === 0));
    });
  }

  it('writes only the range it was given', () => {
    for (const mode of ['none', 'repeat-fade', 'pitch'] as const) {
      const plc = new PacketLossConcealer(mode, 8000);
      plc.good(voice(8000, 100, 100), 100, 160);
      const pcm = new Int16Array(400).fill(77);
      plc.conceal(pcm, 100, 160);
      assert.ok(pcm.subarray(0, 100).every((sample) => sample === 77));
      assert.ok(pcm.subarray(260).every((sample) => sample === 77));
      assert.ok(!pcm.subarray(100, 260).includes(77));
    }
  });

  it('none: silence for what is lost, and what comes is untouched', () => {
    const signal = voice(8000, 100, 200);
    const heard = hear('none', 8000, signal, 20, (frame) => frame === 5);
    assert.equal(rms(heard, 800, 960), 0);
    assert.deepEqual(heard.subarray(960), signal.subarray(960));
  });
});
