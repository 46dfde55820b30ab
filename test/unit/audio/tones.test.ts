import assert from 'node:assert/strict';
import { SipflowError } from '../../../lib/common/errors';
import { COUNTRY_TONES, NAMED_TONES, PROGRESS_KINDS } from '../../../lib/audio/country-tones';
import { parseTone } from '../../../lib/audio/tones';
import { ToneGenerator } from '../../../lib/audio/tone-generator';
import { amplitudeAt, levelDbfs } from '../../support/audio';

function rejects(source: string, pattern: RegExp): void {
  assert.throws(
    () => parseTone(source),
    (error: unknown) => {
      assert.ok(error instanceof SipflowError);
      assert.equal(error.code, 'BAD_AUDIO');
      assert.match(error.message, pattern);
      assert.match(error.message, /Write for example tone:440/);
      return true;
    },
  );
}

function generate(
  source: string,
  sampleRate: number,
  seconds: number,
  levelDbfs?: number,
  piece = 160,
): Int16Array {
  const generator = new ToneGenerator(parseTone(source), sampleRate, levelDbfs);
  const output = new Int16Array(Math.round(sampleRate * seconds));
  for (let i = 0; i < output.length; i += piece) {
    generator.generate(output, i, Math.min(piece, output.length - i));
  }
  return output;
}

/** Stretches of sound and silence in milliseconds; shorter than a millisecond of silence does not count. */
function cadence(samples: Int16Array, sampleRate: number): number[] {
  const perMs = sampleRate / 1000;
  const loud = Array.from({ length: Math.floor(samples.length / perMs) }, (_, ms) =>
    samples.subarray(ms * perMs, (ms + 1) * perMs).some((sample) => sample !== 0),
  );
  const lengths: number[] = [];
  loud.forEach((sound, ms) => {
    if (ms === 0 || sound !== loud[ms - 1]) lengths.push(1);
    else lengths[lengths.length - 1]++;
  });
  return lengths;
}

describe('tone grammar', () => {
  it('reads frequencies and cadences', () => {
    assert.deepEqual(parseTone('tone:440'), [{ frequencies: [440], onMs: Infinity, offMs: 0 }]);
    assert.deepEqual(parseTone(' TONE: 480 + 620.5 / 500, 250 '), [
      { frequencies: [480, 620.5], onMs: 500, offMs: 250 },
    ]);
    assert.deepEqual(parseTone('tone:400+450/400,200,400,2000'), [
      { frequencies: [400, 450], onMs: 400, offMs: 200 },
      { frequencies: [400, 450], onMs: 400, offMs: 2000 },
    ]);
    assert.deepEqual(parseTone('tone:950/330,0;1400/330,1000'), [
      { frequencies: [950], onMs: 330, offMs: 0 },
      { frequencies: [1400], onMs: 330, offMs: 1000 },
    ]);
  });

  it('knows the tones of several countries, each of which can be read', () => {
    assert.ok(Object.keys(COUNTRY_TONES).length >= 40);
    for (const country of Object.keys(COUNTRY_TONES)) {
      for (const kind of PROGRESS_KINDS) {
        assert.ok(parseTone(`tone:${kind}-${country}`).length > 0);
      }
    }
    for (const name of Object.keys(NAMED_TONES))
      assert.deepEqual(parseTone(`tone:${name}`), parseTone(NAMED_TONES[name]));
  });

  it('reads a tone that swells and fades', () => {
    assert.deepEqual(parseTone('tone:400*16/1000,2000'), [
      { frequencies: [400], modulationHz: 16, onMs: 1000, offMs: 2000 },
    ]);
    rejects('tone:400+450*16', /one frequency and one modulation/);
    rejects('tone:400*16*16', /one frequency and one modulation/);
    rejects('tone:400*0', /"0" is no modulation from 1 to 100 Hz/);
  });

  it('says what is wrong with a tone', () => {
    rejects(
      'tone:ringback-xx',
      /no tone of that name; known are dial, ringback, busy, congestion with a country, such as busy-us \(us, uk/,
    );
    rejects('tone:constructor', /no tone of that name/);
    rejects('tone:', /"" is no frequency from 20 to 20000 Hz/);
    rejects('tone:10', /"10" is no frequency/);
    rejects('tone:440+', /"" is no frequency/);
    rejects('tone:-440', /"-440" is no frequency/);
    rejects('tone:4e3', /"4e3" is no frequency/);
    rejects('tone:1+2+3+4+5', /is no frequency/);
    rejects('tone:100+200+300+400+500', /at most 4 frequencies/);
    rejects('tone:440/500', /pairs of milliseconds/);
    rejects('tone:440/500,abc', /"abc" is no time/);
    rejects('tone:440/1,1/2', /at most one "\/"/);
    rejects('tone:440;480/500,500', /every one of several segments needs a cadence/);
    rejects('tone:440/0,0', /shorter than 10 ms/);
    rejects(`tone:440/${Array(66).fill('100').join(',')}`, /more than 32 parts/);
  });
});

describe('tone generator', () => {
  it('makes the frequencies asked for and no others, at −12 dBFS', () => {
    for (const rate of [8000, 16_000, 48_000]) {
      const samples = generate('tone:350+440', rate, 2);
      const middle = samples.subarray(rate / 2, (3 * rate) / 2);
      assert.ok(Math.abs(levelDbfs(middle) - -12) < 0.05);
      const amplitude = 32_768 * 10 ** (-12 / 20);
      for (const hz of [350, 440]) assert.ok(Math.abs(amplitudeAt(middle, hz, rate) / amplitude - 1) < 0.005);
      for (const hz of [90, 530, 790, 1050]) assert.ok(amplitudeAt(middle, hz, rate) < 1);
    }
  });

  it('modulates a tone wholly: two side tones of half its amplitude, at −12 dBFS together', () => {
    const samples = generate('tone:400*16', 8000, 2);
    assert.ok(Math.abs(levelDbfs(samples) - -12) < 0.05);
    const carrier = amplitudeAt(samples, 400, 8000);
    for (const hz of [384, 416]) assert.ok(Math.abs(amplitudeAt(samples, hz, 8000) / carrier - 0.5) < 0.005);
    for (const hz of [368, 432]) assert.ok(amplitudeAt(samples, hz, 8000) < 1);
    // Half a period of the modulation after its greatest level there is silence.
    assert.ok(samples.subarray(250 - 4, 250 + 4).every((sample) => Math.abs(sample) < 20));
  });

  it('keeps cadences exactly, whatever the packet size', () => {
    for (const piece of [80, 160, 441]) {
      assert.deepEqual(
        cadence(generate('tone:ringback-uk', 8000, 6, -12, piece), 8000),
        [400, 200, 400, 2000, 400, 200, 400, 2000],
      );
    }
    assert.deepEqual(cadence(generate('tone:busy-de', 16_000, 1.92), 16_000), [480, 480, 480, 480]);
  });

  it('does not let rounding of a cadence add up', () => {
    const seconds = 60;
    const samples = generate('tone:1000/33.3,33.3', 11_025, seconds);
    const onsets = samples.reduce(
      (count, sample, i) =>
        count + (sample !== 0 && samples.subarray(Math.max(0, i - 50), i).every((s) => s === 0) ? 1 : 0),
      0,
    );
    assert.equal(onsets, Math.ceil((seconds * 1000) / 66.6));
  });

  it('plays the three special information tones one after the other', () => {
    const samples = generate('tone:sit', 8000, 2);
    [950, 1400, 1800].forEach((hz, i) => {
      const part = samples.subarray(i * 2640 + 100, (i + 1) * 2640 - 100);
      assert.ok(amplitudeAt(part, hz, 8000) > 10_000);
    });
    assert.ok(samples.subarray(3 * 2640, 3 * 2640 + 8000).every((sample) => sample === 0));
  });

  it('does not click: nothing outside the neighbourhood of the tone, even while it switches', () => {
    const samples = generate('tone:440/50,50', 8000, 2);
    for (let hz = 1500; hz < 3900; hz += 100) {
      const decibels = 20 * Math.log10(amplitudeAt(samples, hz, 8000) / amplitudeAt(samples, 440, 8000));
      assert.ok(decibels < -55, `${hz} Hz: ${decibels.toFixed(1)} dB`);
    }
    const steps = samples.map((sample, i) => Math.abs(sample - (samples[i - 1] ?? 0)));
    assert.ok(Math.max(...steps) < 32_768 * 10 ** (-9 / 20) * 2 * Math.PI * (440 / 8000) * 1.05);
  });

  it('ramps a tone that never ends as well', () => {
    const samples = generate('tone:440', 8000, 0.1);
    assert.ok(Math.max(...samples.subarray(0, 10).map(Math.abs)) < 2000);
    assert.ok(Math.max(...samples.subarray(40).map(Math.abs)) > 11_000);
  });

  it('stays stable for an hour', () => {
    const generator = new ToneGenerator(parseTone('tone:440+480'), 8000);
    const second = new Int16Array(8000);
    for (let i = 0; i < 3600; i++) generator.generate(second);
    assert.ok(Math.abs(levelDbfs(second) - -12) < 0.05);
    assert.ok(Math.abs(amplitudeAt(second, 440, 8000) / (32_768 * 10 ** (-12 / 20)) - 1) < 0.005);
  });

  it('limits four loud tones instead of wrapping around', () => {
    const samples = generate('tone:300+500+700+900', 8000, 1, 0);
    assert.equal(Math.max(...samples), 32_767);
    assert.equal(Math.min(...samples), -32_768);
  });

  it('refuses a tone that the call cannot carry', () => {
    assert.throws(() => new ToneGenerator(parseTone('tone:4000'), 8000), {
      code: 'BAD_AUDIO',
      message: /4000 Hz does not fit into a call of 8000 Hz; choose one below 4000 Hz/,
    });
    assert.doesNotThrow(() => new ToneGenerator(parseTone('tone:4000'), 16_000));
  });
});
