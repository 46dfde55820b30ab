import assert from 'node:assert/strict';
import { AnswererDetector, type Detection } from '../../../lib/audio/listening';
import { seededRandom } from '../../support/random';
import { noise, silence, sound, tone } from './support';

/** Something like speech: syllables of a falling voice with overtones, pauses between words, 150 to 350 ms each. */
function speech(ms: number, seed = 1): Int16Array {
  const random = seededRandom(seed);
  const samples = silence(ms);
  let at = 0;
  while (at < samples.length) {
    const length = Math.min(samples.length - at, Math.round((120 + random() * 160) * 8));
    const pitch = 110 + random() * 60;
    let phase = 0;
    for (let i = 0; i < length; i++) {
      phase += (2 * Math.PI * pitch * (1 - (0.25 * i) / length)) / 8000;
      const shape = Math.sin((Math.PI * i) / length);
      let value = 0;
      for (let harmonic = 1; harmonic <= 18; harmonic++)
        value += Math.sin(harmonic * phase) / harmonic ** 0.7;
      samples[at + i] = Math.round(2500 * shape * value);
    }
    at += length + Math.round((30 + random() * 60) * 8);
  }
  return samples;
}

/** What is decided first, when, and what the detector says after all of it. */
function listen(
  audio: Int16Array,
  wanted = '',
): { heard?: Detection; refuted?: Detection; atMs: number; last: Detection } {
  const detector = new AnswererDetector(wanted);
  let atMs = 0;
  for (let at = 0; at + 1600 <= audio.length; at += 1600) {
    for (let block = at; block < at + 1600; block += 80) detector.push(audio, block, 80, false);
    atMs = (at + 1600) / 8;
    const heard = detector.poll();
    if (heard) return { heard, atMs, last: detector.best() };
    const refuted = detector.refuted();
    if (refuted) return { refuted, atMs, last: detector.best() };
  }
  return { atMs, last: detector.best() };
}

/** A fax terminal's flags, or the answer tone with reversals. */
function flags(ms: number): Int16Array {
  let phase = 0;
  return silence(ms).map((_, i) => {
    const bit = Math.floor((i * 300) / 8000) % 8;
    phase += (2 * Math.PI * (bit > 0 && bit < 7 ? 1650 : 1850)) / 8000;
    return Math.round(4000 * Math.sin(phase));
  });
}

describe('who answers', () => {
  it('a person is who says a word and waits', () => {
    const { heard, atMs } = listen(sound(silence(700), speech(600), silence(4000)));
    assert.equal(heard?.what, 'human');
    assert.ok(Math.abs(heard.startMs - 700) < 60 && Math.abs((heard.greetingLengthMs ?? 0) - 600) < 100);
    assert.ok(atMs <= 700 + 600 + 1000 + 400, `decided at ${atMs}`);
  });

  it('a machine is who speaks on, with short pauses; its beep ends the greeting', () => {
    const greeting = sound(speech(1900, 2), silence(600), speech(2500, 3));
    const audio = sound(silence(500), greeting, silence(700), tone('1400', 350, -20), silence(3000));
    const { heard, atMs } = listen(audio);
    assert.deepEqual([heard?.what, heard?.why], ['machine', 'long-greeting']);
    assert.ok(atMs < 500 + 3200 + 600);
    const beep = listen(audio, 'beep').heard;
    assert.equal(beep?.what, 'beep');
    assert.ok(Math.abs(beep.endMs - (500 + 5000 + 700 + 350)) < 15, `${beep.endMs}`);
    assert.deepEqual(beep.frequencies, [1400]);
    assert.ok(Math.abs((beep.greetingLengthMs ?? 0) - 5000) < 200);
  });

  it('a short greeting with a beep is a machine, beeps of 400 to 2600 Hz from 0.1 to 1 s', () => {
    for (const hz of [400, 850, 1400, 2000, 2600]) {
      for (const ms of [100, 400, 1000]) {
        const { heard } = listen(
          sound(silence(500), speech(1200), silence(400), tone(`${hz}`, ms, -22), silence(3000)),
          'beep',
        );
        assert.equal(heard?.what, 'beep', `${hz} Hz of ${ms} ms`);
      }
    }
  });

  it('noise does not make a person of silence, nor a machine of a person', () => {
    const nobody = listen(noise(silence(21_000), -38));
    assert.equal(nobody.heard, undefined);
    assert.deepEqual([nobody.refuted?.what, nobody.refuted?.why], ['unknown', 'silence']);
    assert.equal(listen(noise(sound(silence(700), speech(600), silence(4000)), -38)).heard?.what, 'human');
  });

  it('fax terminals: calling tone, answer tone with and without reversals, data', () => {
    const fax = (audio: Int16Array): string | undefined =>
      listen(sound(silence(800), audio, silence(500))).heard?.why;
    assert.equal(fax(tone('1100/500,3000', 2000, -25)), 'cng');
    assert.equal(fax(tone('2100', 3000, -25)), 'ced');
    const turned = tone('2103', 3000, -25).map((value, i) => (Math.floor(i / 3600) % 2 ? -value : value));
    assert.equal(fax(turned), 'ced-reversals');
    assert.equal(fax(flags(1000)), 'v21');
    // A beep of the same frequency behind a greeting is that of a machine.
    const beep = listen(
      sound(silence(300), speech(1000), silence(300), tone('1100', 500, -20), silence(2000)),
    );
    assert.equal(beep.heard?.what, 'machine');
  });

  it('the tones of a network are nobody: while it rings nothing is decided, busy is told as unknown', () => {
    const ringing = listen(sound(tone('ringback-us', 11_000, -20)));
    assert.equal(ringing.heard ?? ringing.refuted, undefined);
    const busy = listen(sound(silence(300), tone('busy-de', 6000, -20)));
    assert.deepEqual([busy.refuted?.what, busy.refuted?.why], ['unknown', 'busy']);
    // Somebody answers after it has rung.
    const answered = sound(tone('440+480', 2000, -20), silence(1500), speech(600), silence(3000));
    assert.equal(listen(answered).heard?.what, 'human');
  });

  it('a steady hum or a chord is no greeting', () => {
    const chord = listen(sound(silence(300), tone('262+330+392', 9000, -20), silence(1000)));
    assert.equal(chord.heard, undefined, JSON.stringify(chord.heard));
  });

  it('music that swells and fades slowly, with pauses, is no greeting either', () => {
    const partials = [220, 277, 331, 392, 467, 587, 739, 880, 1108, 1320];
    const music = Int16Array.from({ length: 9 * 8000 }, (_, i) => {
      const swell = 10 ** (-(1 + Math.cos((2 * Math.PI * 0.7 * i) / 8000)) * 0.6);
      return (
        900 * swell * partials.reduce((sum, hz) => sum + Math.sin((2 * Math.PI * hz * i) / 8000 + hz), 0)
      );
    });
    const { heard } = listen(sound(silence(300), music, silence(1000)));
    assert.equal(heard, undefined, JSON.stringify(heard));
  });

  it('who is not waited for refutes it, and is told', () => {
    const audio = sound(silence(500), speech(500), silence(3000));
    const { refuted } = listen(audio, 'machine');
    assert.equal(refuted?.what, 'human');
    assert.equal(listen(audio, 'beep').refuted?.what, 'human');
    assert.equal(listen(audio, 'HUMAN ').heard?.what, 'human');
    assert.throws(() => new AnswererDetector('dog'), { code: 'BAD_AUDIO' });
  });

  it('audio that was lost says nothing: a hole within a greeting and within a beep', () => {
    const audio = sound(silence(500), speech(1200), silence(400), tone('1000', 600, -20), silence(1500));
    const detector = new AnswererDetector('beep');
    const holes = [
      [900, 960],
      [2300, 2340],
    ];
    for (let at = 0; at + 80 <= audio.length; at += 80) {
      const lost = holes.some(([from, to]) => at / 8 >= from && at / 8 < to);
      detector.push(lost ? new Int16Array(80) : audio, lost ? 0 : at, 80, lost);
    }
    const heard = detector.poll();
    assert.equal(heard?.what, 'beep');
    assert.ok(Math.abs(heard.endMs - heard.startMs - 600) < 20, `${heard.startMs} ${heard.endMs}`);
  });
});
