import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { convertWavBytes } from '../../../lib/audio/convert';
import {
  BLOCK_SAMPLES,
  Conversation,
  type Detection,
  type Detector,
  EndOfSpeechDetector,
  SilenceDetector,
  SoundActivity,
  SpeechDetector,
} from '../../../lib/audio/listening';
import { ToneGenerator } from '../../../lib/audio/tone-generator';
import { parseTone } from '../../../lib/audio/tones';
import { join, mix, noise, silence, sines } from '../../support/audio';

const RATE = 8000;
const SOUNDS = path(__dirname, '../../../resources/sounds');

/** A packaged voice, without the silence at its ends. */
function voice(name: string): Int16Array {
  const samples = convertWavBytes(readFileSync(path(SOUNDS, `${name}.wav`)), RATE);
  const loud = (sample: number): boolean => Math.abs(sample) > 300;
  return samples.subarray(samples.findIndex(loud), samples.findLastIndex(loud) + 1);
}

/** Asks a detector after each 200 ms, as a session does; returns what it heard and when it knew, in milliseconds. */
function listen(detector: Detector, audio: Int16Array): { heard?: Detection; atMs: number } {
  const step = RATE / 5;
  for (let at = 0; at + step <= audio.length; at += step) {
    detector.push(audio, at, step, false);
    const heard = detector.poll();
    if (heard) return { heard, atMs: ((at + step) * 1000) / RATE };
  }
  return { atMs: (audio.length * 1000) / RATE };
}

function near(actual: number | undefined, wanted: number, by: number, what: string): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - wanted) <= by,
    `${what}: ${actual} instead of ${wanted}`,
  );
}

function amplified(samples: Int16Array, db: number): Int16Array {
  return samples.map((sample) => Math.round(sample * 10 ** (db / 20)));
}

describe('speech and silence', () => {
  const speech = voice('announcement');
  const speechMs = (speech.length * 1000) / RATE;

  for (const [title, level, noiseRms] of [
    ['on a silent line', 0, 0],
    ['20 dB quieter', -20, 0],
    ['in noise', 0, 60],
    ['in loud noise', 0, 250],
  ] as const) {
    it(`find where speech begins and ends: ${title}`, () => {
      const audio = join(silence(RATE, 2), amplified(speech, level), silence(RATE, 2));
      const line = mix(audio, noise(audio.length, noiseRms));
      const { heard } = listen(new SpeechDetector(), line);
      near(heard?.startMs, 2000, 30, 'begin');
      const whole = listen(new EndOfSpeechDetector(1000), line);
      near(whole.heard?.startMs, 2000, 30, 'begin');
      near(whole.heard?.endMs, 2000 + speechMs, 60, 'end');
      near(whole.atMs, 3000 + speechMs, 260, 'decision');
    });
  }

  it('is told within 300 ms of its beginning', () => {
    const { atMs } = listen(new SpeechDetector(), join(silence(RATE, 1), speech, silence(RATE, 1)));
    assert.ok(atMs <= 1400, `${atMs} ms`);
  });

  it('is heard when it is under way already', () => {
    const { heard } = listen(new SpeechDetector(), voice('welcome'));
    near(heard?.startMs, 0, 30, 'begin');
  });

  it('does not end in a pause that is shorter than the silence that ends it', () => {
    const audio = join(speech, silence(RATE, 0.6), speech, silence(RATE, 2));
    const { heard } = listen(new EndOfSpeechDetector(1000), audio);
    near(heard?.endMs, 2 * speechMs + 600, 60, 'end');
    const short = listen(new EndOfSpeechDetector(400), audio);
    near(short.heard?.endMs, speechMs, 60, 'end');
  });

  for (const tone of [
    '440',
    'dial-us',
    'ringback-us',
    'ringback-de',
    'busy-uk',
    '1000/300,200',
    'sit',
    '1100',
    '2100',
  ]) {
    it(`takes tone:${tone} for no speech, and a voice behind it for some`, () => {
      const beeps = new Int16Array(RATE * 4);
      new ToneGenerator(parseTone(`tone:${tone}`), RATE).generate(beeps, 0, beeps.length);
      assert.equal(listen(new SpeechDetector(), beeps).heard, undefined);
      const { heard } = listen(
        new SpeechDetector(),
        join(beeps, silence(RATE, 0.5), speech, silence(RATE, 1)),
      );
      near(heard?.startMs, 4500, 30, 'begin');
    });
  }

  it('takes noise that begins and stays, a hum and a DC offset for no speech', () => {
    const hum = sines([50, 100], RATE, 5, 600).map((sample) => sample + 900);
    assert.equal(listen(new SpeechDetector(), hum).heard, undefined);
    const hiss = join(silence(RATE, 0.4), noise(5 * RATE, 20));
    assert.equal(listen(new SpeechDetector(), hiss).heard, undefined);
  });

  it('takes a click for no speech', () => {
    const click = join(silence(RATE, 1), noise(160, 6000), silence(RATE, 2));
    assert.equal(listen(new SpeechDetector(), click).heard, undefined);
  });

  it('find silence of the wanted length, behind any sound, also in noise', () => {
    const audio = join(speech, silence(RATE, 0.5), sines([440], RATE, 0.4), silence(RATE, 3));
    for (const line of [audio, mix(audio, noise(audio.length, 60))]) {
      const { heard, atMs } = listen(new SilenceDetector(1500), line);
      near(heard?.startMs, speechMs + 900, 100, 'begin');
      near(atMs, speechMs + 2400, 300, 'decision');
    }
    const nothing = listen(new SilenceDetector(1000), silence(RATE, 2));
    near(nothing.atMs, 1000, 0, 'decision');
  });

  it('put an edge that was lost into the middle of what was lost', () => {
    const activity = new SoundActivity();
    const audio = join(silence(RATE, 1), speech, silence(RATE, 1));
    for (let block = 0; (block + 1) * BLOCK_SAMPLES <= audio.length; block++) {
      activity.push(audio, block * BLOCK_SAMPLES, block === 100 || block === 101);
    }
    near(activity.spurt?.startMs, 1010, 0, 'begin');
  });
});

describe('who sounded when', () => {
  it('gives latency, greeting, talk-over, dead air and the reaction to a barge-in', () => {
    const call = new Conversation();
    const they = (startMs: number, endMs: number): void => {
      call.theyBegan('speech', startMs, endMs).open = false;
    };
    they(800, 3000);
    call.weSounded(3600, 5000, 200);
    they(5700, 9000);
    call.weSounded(8500, 9800, 200);
    assert.equal(call.latencyAt(5700), 700);
    assert.equal(call.latencyAt(800), undefined);
    assert.deepEqual(call.figures(0, 12_000, 100), {
      greetingMs: 700,
      bargeInMs: 500,
      talkOverMs: 500,
      deadAirMs: 2200,
    });
    assert.equal(call.figures(0, 9200, 100).bargeInMs, undefined);
    assert.equal(call.ourEndMs, 9800);
  });

  it('joins what pauses shortly, and bounds what it remembers', () => {
    const call = new Conversation();
    for (let index = 0; index < 1000; index++) {
      call.weSounded(index * 1000, index * 1000 + 10, 200);
      call.weSounded(index * 1000 + 100, index * 1000 + 110, 200);
      call.theyBegan('tone', index * 1000, index * 1000 + 10).open = false;
    }
    assert.equal(call.theirsSince(0).length, 256);
    assert.equal(call.latencyAt(999_300), 190);
    assert.equal(call.figures(999_000, 1_000_000, undefined).greetingMs, undefined);
  });
});
