import assert from 'node:assert/strict';
import { COUNTRY_TONES, PROGRESS_KINDS } from '../../../lib/audio/country-tones';
import { ProgressToneDetector } from '../../../lib/audio/listening/tones/progress-tones';
import { isUsual, parseWantedTone } from '../../../lib/audio/listening/tones/tone-patterns';
import type { Tone } from '../../../lib/audio/listening/tones/tone-run';
import { ToneTracker } from '../../../lib/audio/listening/tones/tone-tracker';
import type { Detection } from '../../../lib/audio/listening';
import { SipflowError } from '../../../lib/common';
import { noise, silence, sound, tone } from './support';

/** What is heard first, asked for every 200 ms, and when. */
function hear(wanted: string, audio: Int16Array): (Detection & { atMs: number }) | undefined {
  const detector = new ProgressToneDetector(wanted);
  for (let at = 0; at + 1600 <= audio.length; at += 1600) {
    for (let packet = at; packet < at + 1600; packet += 160) detector.push(audio, packet, 160);
    const heard = detector.poll();
    if (heard) return { ...heard, atMs: (at + 1600) / 8 };
  }
  return undefined;
}

function tonesOf(audio: Int16Array, piece = 160): Tone[] {
  const tones: Tone[] = [];
  const tracker = new ToneTracker({ toneEnded: (heard) => tones.push({ ...heard }) });
  for (let at = 0; at < audio.length; at += piece) {
    tracker.push(audio, at, Math.min(piece, audio.length - at));
  }
  return tones;
}

function near(value: number, wanted: number, by: number): void {
  assert.ok(Math.abs(value - wanted) <= by, `${value} is not within ${by} of ${wanted}`);
}

describe('tones that are followed', () => {
  it('begin and end to 10 ms, with their frequency to 1 Hz, in packets of any length', () => {
    for (const piece of [80, 137, 160, 480]) {
      const tones = tonesOf(sound(silence(500), tone('1004', 300, -20), silence(400)), piece);
      assert.equal(tones.length, 1);
      near(tones[0].startMs, 500, 10);
      near(tones[0].endMs, 800, 10);
      near(tones[0].frequencies[0], 1004, 1);
      near(tones[0].levelDbfs, -20, 0.5);
    }
  });

  it('tell 440 and 480 Hz apart, and the three tones of a special information tone', () => {
    const [ring] = tonesOf(sound(silence(300), tone('440+480', 1000, -20), silence(300)));
    assert.deepEqual(ring.frequencies.map(Math.round).sort(), [440, 480]);
    const three = tonesOf(sound(silence(300), tone('950/330,0;1400/330,0;1800/330,1000', 1400, -20)));
    assert.deepEqual(
      three.map(({ frequencies }) => Math.round(frequencies[0] / 10) * 10),
      [950, 1400, 1800],
    );
    for (const { startMs, endMs } of three) near(endMs - startMs, 330, 20);
  });

  it('survive a constant offset, and noise 10 dB below', () => {
    const audio = sound(silence(300), tone('620', 500, -25), silence(300)).map((value) => value + 3000);
    near(tonesOf(audio)[0].frequencies[0], 620, 1);
    const noisy = noise(sound(silence(300), tone('620', 500, -25), silence(300)), -35);
    const [heard] = tonesOf(noisy);
    near(heard.frequencies[0], 620, 2);
    near(heard.endMs - heard.startMs, 500, 25);
  });

  it('are none in noise', () => {
    const long = tonesOf(noise(silence(20_000), -25)).filter(({ startMs, endMs }) => endMs - startMs >= 90);
    assert.deepEqual(long, []);
  });
});

describe('call-progress tones', () => {
  it('are told of every country by their name, from the table that they are played from', () => {
    for (const country of Object.keys(COUNTRY_TONES)) {
      for (const kind of PROGRESS_KINDS) {
        const name = `${kind}-${country}`;
        const heard = hear(name, noise(sound(silence(333), tone(name, 9000, -20)), -45));
        assert.equal(heard?.reference, name, `${name} is not heard`);
        assert.equal(heard.what, kind);
      }
    }
  });

  it('are told without a country where most countries have them so, and congestion is not taken for busy', () => {
    const done = new Set<string>();
    for (const [country, tones] of Object.entries(COUNTRY_TONES)) {
      for (const kind of PROGRESS_KINDS) {
        if (done.has(kind + tones[kind])) continue;
        done.add(kind + tones[kind]);
        const wanted = parseWantedTone(`${kind}-${country}`);
        const isCommon = wanted.what === 'patterns' && wanted.patterns.every(isUsual);
        const played = sound(silence(333), tone(`${kind}-${country}`, 9000, -20));
        if (isCommon) assert.equal(hear(kind, played)?.what, kind, `${kind}-${country}: ${tones[kind]}`);
        if (isCommon && kind === 'congestion') assert.equal(hear('busy', played), undefined);
        if (isCommon && kind === 'busy')
          assert.equal(hear('congestion', played), undefined, `${country}: ${tones.busy}`);
      }
    }
  });

  it('are not one another: no tone of the United States, Germany or Korea is taken for another of them', () => {
    for (const country of ['us', 'de', 'kr']) {
      for (const played of PROGRESS_KINDS) {
        for (const wanted of PROGRESS_KINDS) {
          if (played === wanted) continue;
          const audio = sound(silence(200), tone(`${played}-${country}`, 9000, -20));
          assert.equal(hear(`${wanted}-${country}`, audio), undefined, `${played} was heard as ${wanted}`);
        }
      }
    }
    assert.equal(hear('busy-fr', sound(tone('busy-de', 6000, -20))), undefined);
  });

  it('ringing is told after its first ring; a country that pauses for less is told from one that pauses for longer', () => {
    const us = sound(silence(300), tone('ringback-us', 12_000, -20));
    assert.ok((hear('ringback', us)?.atMs ?? Infinity) <= 300 + 2000 + 1400);
    const kr = sound(silence(300), tone('ringback-kr', 12_000, -20));
    assert.equal(hear('ringback-us', kr), undefined);
    assert.equal(hear('ringback-kr', kr)?.reference, 'ringback-kr');
  });

  it('special information tones tell why, by their frequencies and lengths', () => {
    const vacant = '985.2/380,0;1370.6/274,0;1776.7/380,1000';
    const intercept = '913.8/274,0;1370.6/274,0;1776.7/380,1000';
    const said = (spelled: string): Int16Array =>
      sound(silence(200), tone(spelled, 1034, -20), noise(silence(2000), -25));
    assert.equal(hear('sit', said(vacant))?.reference, 'sit-vc');
    assert.equal(hear('sit', said(intercept))?.reference, 'sit-ic');
    assert.equal(hear('sit-ic', said(vacant)), undefined);
    assert.equal(hear('sit', sound(silence(200), tone('sit', 1400, -20)))?.reference, 'sit');
  });
});

describe('tones that a user names', () => {
  it('a frequency, a cadence, a beep, any tone', () => {
    const milliwatt = sound(silence(300), tone('1004', 900, -10), silence(500));
    assert.equal(hear('1004', milliwatt)?.reference, '1004');
    assert.equal(hear('1030', milliwatt), undefined);
    assert.equal(hear('', milliwatt)?.reference, '1004');
    assert.equal(hear('beep', milliwatt)?.what, 'beep');
    assert.equal(hear('beep', sound(silence(300), tone('350+440', 900, -10), silence(500))), undefined);
    const alarm = sound(silence(300), tone('800/200,100,200,700', 4000, -20));
    assert.equal(hear('tone:800/200,100,200,700', alarm)?.what, 'tone');
    assert.equal(hear('800/200,100,200,300', alarm), undefined);
  });

  it('are refused when there are none of that name, or when they cannot be told', () => {
    for (const wanted of ['busy-xx', 'bees', '1004/', '400+500+600', '300+400*5']) {
      assert.throws(
        () => new ProgressToneDetector(wanted),
        (error: unknown) => error instanceof SipflowError && error.code === 'BAD_AUDIO',
      );
    }
    assert.throws(() => new ProgressToneDetector('bees'), /"bees" is no tone to listen for: write beep/);
  });

  it('say what was heard instead', () => {
    const detector = new ProgressToneDetector('busy-us');
    const audio = sound(silence(300), tone('1500', 1000, -20), silence(500));
    detector.push(audio, 0, audio.length);
    assert.equal(detector.poll(), undefined);
    assert.equal(detector.best()?.reference, '1500');
  });
});
