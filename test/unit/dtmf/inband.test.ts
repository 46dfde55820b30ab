import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { convertWavBytes } from '../../../lib/audio/convert';
import { decodePcma, decodePcmu, encodePcma, encodePcmu } from '../../../lib/audio/g711';
import { COLUMN_HZ, KEYPAD, ROW_HZ } from '../../../lib/dtmf/frequencies';
import { InbandDetector } from '../../../lib/dtmf/inband-detector';
import { DtmfToneGenerator } from '../../../lib/dtmf/tone-generator';
import { amplitudeAt, join, mix, noise, silence, sines } from '../../support/audio';
import { seededRandom } from '../../support/random';

interface Heard {
  digits: string;
  starts: string;
  events: { digit: string; startedAtMs: number; durationMs: number }[];
}

function hear(samples: Int16Array, sampleRate = 8000, piece = 160): Heard {
  const heard: Heard = { digits: '', starts: '', events: [] };
  const detector = new InbandDetector(
    { sampleRate },
    {
      start: (digit) => (heard.starts += digit),
      digit: (digit, startedAtMs, durationMs) => {
        heard.digits += digit;
        heard.events.push({ digit, startedAtMs, durationMs });
      },
    },
  );
  for (let i = 0; i < samples.length; i += piece)
    detector.add(samples, i, Math.min(piece, samples.length - i));
  detector.flush();
  assert.equal(heard.starts, heard.digits);
  assert.equal(detector.active, false);
  return heard;
}

interface Press {
  toneMs?: number;
  gapMs?: number;
  sampleRate?: number;
  /** Relative error of the two frequencies. */
  row?: number;
  column?: number;
  amplitude?: number;
  /** Level of the column tone over that of the row tone, dB. */
  twistDb?: number;
}

/** Every key ten times, each at another position against the detector's blocks and with another phase. */
const KEYS = KEYPAD.repeat(10);

function presses(keys: string, options: Press = {}): Int16Array {
  const {
    toneMs = 40,
    gapMs = 40,
    sampleRate = 8000,
    row = 0,
    column = 0,
    amplitude = 4000,
    twistDb = 0,
  } = options;
  const tones = [...keys].flatMap((digit, i) => {
    const key = KEYPAD.indexOf(digit);
    const rowStep = (2 * Math.PI * ROW_HZ[key >> 2] * (1 + row)) / sampleRate;
    const columnStep = (2 * Math.PI * COLUMN_HZ[key & 3] * (1 + column)) / sampleRate;
    const half = 10 ** (twistDb / 40);
    return [
      Int16Array.from({ length: (toneMs * sampleRate) / 1000 }, (_, n) =>
        Math.round(
          (amplitude / half) * Math.sin(rowStep * n + 1.3 * i) +
            amplitude * half * Math.sin(columnStep * n + 2.1 * i),
        ),
      ),
      new Int16Array((gapMs * sampleRate) / 1000 + ((i * 7) % 51)),
    ];
  });
  return join(silence(sampleRate, 0.02), ...tones, silence(sampleRate, 0.1));
}

/** White noise at 10 dB below two tones of this amplitude each. */
function withNoise(samples: Int16Array, seed: number, amplitude = 4000): Int16Array {
  return mix(samples, noise(samples.length, amplitude * 10 ** (-10 / 20), seed));
}

describe('in-band DTMF detector', () => {
  it('hears 160 of 160 digits at 40/40 ms, with 10 dB SNR and 1.5 % frequency error either way', () => {
    for (const [row, column] of [
      [0, 0],
      [0.015, 0.015],
      [-0.015, -0.015],
      [0.015, -0.015],
    ]) {
      const clean = presses(KEYS, { row, column });
      assert.equal(hear(clean).digits, KEYS, `${row}/${column}`);
      for (const seed of [1, 2, 3]) {
        assert.equal(hear(withNoise(clean, seed)).digits, KEYS, `${row}/${column} with noise ${seed}`);
      }
    }
  });

  it('does so at 16 kHz too, and in packets of any length', () => {
    const wide = presses(KEYS, { sampleRate: 16_000, row: 0.015, column: 0.015 });
    assert.equal(hear(withNoise(wide, 4), 16_000).digits, KEYS);
    const narrow = presses(KEYS);
    for (const piece of [1, 80, 441, narrow.length]) assert.equal(hear(narrow, 8000, piece).digits, KEYS);
  });

  it('survives both G.711 laws', () => {
    const samples = presses(KEYS);
    const coded = new Uint8Array(samples.length);
    encodePcmu(samples, coded);
    decodePcmu(coded, samples);
    assert.equal(hear(samples).digits, KEYS);
    encodePcma(samples, coded);
    decodePcma(coded, samples);
    assert.equal(hear(samples).digits, KEYS);
  });

  it('hears digits that are clipped, whose products lie where a voice has harmonics', () => {
    const clipped = presses(KEYS, { amplitude: 16_000 }).map((sample) =>
      Math.max(-14_000, Math.min(14_000, sample)),
    );
    assert.equal(hear(clipped).digits, KEYS);
    assert.equal(hear(mix(clipped, noise(clipped.length, 2000, 6))).digits, KEYS, 'with noise');
  });

  it('hears nothing 3.5 % beside the frequencies, even one of them', () => {
    for (const [row, column] of [
      [0.035, 0.035],
      [-0.035, -0.035],
      [0.035, 0],
      [0, -0.035],
    ]) {
      const clean = presses(KEYS, { row, column, toneMs: 100 });
      assert.equal(hear(clean).digits, '', `${row}/${column}`);
      assert.equal(hear(withNoise(clean, 5)).digits, '', `${row}/${column} with noise`);
    }
  });

  it('hears nothing of tones that last 20 ms', () => {
    assert.equal(hear(presses(KEYS, { toneMs: 20 })).digits, '');
    assert.equal(hear(withNoise(presses(KEYS, { toneMs: 20 }), 6)).digits, '');
  });

  it('accepts 8 dB between the tones either way, and rejects 15', () => {
    for (const twistDb of [-8, 8]) assert.equal(hear(presses(KEYS, { twistDb })).digits, KEYS);
    for (const twistDb of [-15, 15]) assert.equal(hear(presses(KEYS, { twistDb })).digits, '');
  });

  it('hears digits from full scale down to −40 dBFS', () => {
    for (const amplitude of [16_000, 1000, 330])
      assert.equal(hear(presses(KEYS, { amplitude })).digits, KEYS);
    assert.equal(hear(presses(KEYS, { amplitude: 100 })).digits, '');
  });

  for (const [name, under] of [
    ['350 and 440', [350, 440]],
    ['350 and 450', [350, 450]],
    ['425', [425]],
    ['400', [400]],
    ['480 and 620', [480, 620]],
  ] as const) {
    it(`hears digits over a tone of ${name} Hz that does not stop, and none that are too short or beside it`, () => {
      const over = (digits: Int16Array, amplitude: number): Int16Array => {
        const samples = join(silence(8000, 0.1), digits);
        return mix(
          samples,
          sines(under, 8000, samples.length / 8000, amplitude),
          noise(samples.length, 300, 8),
        );
      };
      // −15 dBm0 for each of them; −20; digits of −9 dBm0 for each of their tones.
      for (const amplitude of [4059, 2282]) {
        assert.equal(hear(over(presses(KEYS, { amplitude: 8096 }), amplitude)).digits, KEYS, `${amplitude}`);
      }
      const held = hear(over(presses('159D', { amplitude: 8096, toneMs: 400, gapMs: 100 }), 4059));
      assert.equal(held.digits, '159D');
      for (const { durationMs } of held.events)
        assert.ok(Math.abs(durationMs - 400) <= 20, `${durationMs} ms`);
      assert.equal(hear(over(presses(KEYS, { toneMs: 20 }), 4059)).digits, '');
      assert.equal(hear(over(presses(KEYS, { toneMs: 100, row: 0.035, column: 0.035 }), 4059)).digits, '');
    });
  }

  it('hears nothing in a tone without digits, nor when it begins and ends', () => {
    for (const under of [[350, 440], [440, 480], [480, 620], [425], [620, 1209]]) {
      const tone = sines(under, 8000, 0.5, 8000);
      assert.equal(hear(mix(join(tone, silence(8000, 0.5), tone), noise(12_000, 300, 9))).digits, '');
    }
  });

  it('hears no two tones whose levels change against each other, as those of a voice do', () => {
    const wandering = join(
      ...[...KEYS].map((key, i) => {
        const [low, high] = [ROW_HZ[KEYPAD.indexOf(key) >> 2], COLUMN_HZ[KEYPAD.indexOf(key) & 3]];
        return Int16Array.from({ length: 640 + 7 * (i % 7) }, (_, n) =>
          n >= 480
            ? 0
            : Math.round(
                8000 * 10 ** (-(n * 15) / 480 / 20) * Math.sin((2 * Math.PI * low * n) / 8000) +
                  1500 * 10 ** ((n * 15) / 480 / 20) * Math.sin((2 * Math.PI * high * n) / 8000),
              ),
        );
      }),
    );
    assert.equal(hear(wandering).digits, '');
  });

  it('tells start and length within half a block', () => {
    const samples = join(silence(8000, 0.5), presses('5', { toneMs: 100 }).subarray(160));
    const [event] = hear(samples).events;
    assert.ok(Math.abs(event.startedAtMs - 500) <= 8, `${event.startedAtMs} ms`);
    assert.ok(Math.abs(event.durationMs - 100) <= 8, `${event.durationMs} ms`);
  });

  it('reports the start while the tone still sounds, and the end of a stream as the end of the digit', () => {
    const log: string[] = [];
    const detector = new InbandDetector(
      { sampleRate: 8000 },
      { start: (digit) => log.push(`start ${digit}`), digit: (digit) => log.push(digit) },
    );
    const tone = presses('9', { toneMs: 500 });
    detector.add(tone, 0, 160 + 8 * 50);
    assert.deepEqual(log, ['start 9']);
    assert.equal(detector.active, true);
    detector.flush();
    detector.flush();
    assert.deepEqual(log, ['start 9', '9']);
  });

  it('bridges a dropout of 5 ms, and separates equal digits by 40 ms', () => {
    const tone = presses('77', { toneMs: 60, gapMs: 5 });
    assert.equal(hear(tone).digits, '7');
    assert.equal(hear(presses('77777777', { toneMs: 60 })).digits, '77777777');
  });

  it('separates different digits without any pause', () => {
    assert.equal(hear(presses('159D*0#', { toneMs: 60, gapMs: 0 })).digits, '159D*0#');
  });

  it('hears nothing in noise, single tones, chords and the shipped sounds', () => {
    assert.equal(hear(noise(8000 * 120, 3000, 7)).digits, '');
    for (const hz of [...ROW_HZ, ...COLUMN_HZ]) assert.equal(hear(sines([hz], 8000, 1)).digits, '');
    for (const chord of [[350, 440], [440, 480], [480, 620], [697, 1209, 1477], [697, 770, 1336], [2100]]) {
      assert.equal(hear(sines(chord, 8000, 1, 5000)).digits, '', chord.join('+'));
    }
    for (const name of ['welcome', 'announcement', 'prompt', 'goodbye', 'beep']) {
      const file = readFileSync(path(__dirname, '../../../resources/sounds', `${name}.wav`));
      assert.equal(hear(convertWavBytes(file, 8000)).digits, '', name);
    }
  });

  // Sustained vowels without breath or consonants, every one of which has its harmonics somewhere else: harder
  // than speech, in two hours of which it hears one digit.
  it('hears hardly anything in ten minutes of sustained vowels of every pitch', () => {
    const random = seededRandom(23);
    let heard = '';
    for (let i = 0; i < 300; i++) heard += hear(vowel(80 + 320 * random(), random)).digits;
    assert.ok(heard.length <= 1, heard);
  });
});

/** Two seconds of harmonics under two formants that glide, as a voice does. */
function vowel(fundamental: number, random: () => number): Int16Array {
  const glide = 0.05 * (random() - 0.5);
  const formants = [300 + 600 * random(), 1000 + 1200 * random()];
  const harmonics = Math.floor(3800 / (fundamental * 1.05));
  const gains = Array.from({ length: harmonics }, (_, k) => {
    const hz = fundamental * (k + 1);
    return formants.reduce((sum, formant) => sum + 1 / (1 + ((hz - formant) / 80) ** 2), 0.01);
  });
  const output = new Int16Array(16_000);
  let phase = 0;
  for (let i = 0; i < output.length; i++) {
    phase += (2 * Math.PI * fundamental * (1 + (glide * i) / output.length)) / 8000;
    let sum = 0;
    for (let k = 0; k < harmonics; k++) sum += gains[k] * Math.sin(phase * (k + 1));
    output[i] = Math.round(4000 * sum);
  }
  return output;
}

describe('in-band DTMF generator', () => {
  function generate(
    digits: string,
    toneMs: number,
    gapMs: number,
    sampleRate = 8000,
    piece = 160,
  ): Int16Array {
    const generator = new DtmfToneGenerator(sampleRate);
    generator.start(digits, toneMs, gapMs);
    const packets: Int16Array[] = [];
    while (generator.active) {
      const packet = new Int16Array(piece);
      generator.generate(packet);
      packets.push(packet);
    }
    return join(...packets);
  }

  it('makes exactly the two frequencies of a key, column louder by 2 dB', () => {
    for (let key = 0; key < 16; key++) {
      const samples = generate(KEYPAD[key], 500, 40).subarray(400, 3600);
      const row = amplitudeAt(samples, ROW_HZ[key >> 2], 8000);
      const column = amplitudeAt(samples, COLUMN_HZ[key & 3], 8000);
      assert.ok(Math.abs(20 * Math.log10(row / 32_768) - -12) < 0.05);
      assert.ok(Math.abs(20 * Math.log10(column / row) - 2) < 0.05);
    }
  });

  it('keeps lengths and pauses to the sample, whatever the packet size', () => {
    const reference = generate('19,D', 50, 70, 8000, 1);
    assert.equal(reference.length, 8 * (50 + 70 + 50 + 70 + 500 + 50 + 70));
    const loud = reference.map((sample) => (sample === 0 ? 0 : 1));
    assert.equal(loud.indexOf(1) < 2, true);
    assert.ok(loud.subarray(8 * 50, 8 * 120).every((sound) => sound === 0));
    assert.ok(loud.subarray(8 * 170, 8 * 740).every((sound) => sound === 0));
    assert.ok(loud.subarray(8 * 740 + 2, 8 * 745).some((sound) => sound === 1));
    for (const piece of [80, 160, 441]) {
      const samples = generate('19,D', 50, 70, 8000, piece);
      for (let i = 0; i < reference.length; i++) assert.ok(Math.abs(samples[i] - reference[i]) <= 1);
    }
  });

  it('is understood by the detector, at 40 ms and any rate', () => {
    for (const rate of [8000, 16_000]) assert.equal(hear(generate(KEYS, 40, 40, rate), rate).digits, KEYS);
  });

  it('leaves a flash out and never pauses less than 40 ms', () => {
    assert.equal(generate('1!2', 50, 0, 8000, 1).length, 8 * 2 * 90);
  });

  it('fades a tone out when stopped, and is ready for the next digits after its pause', () => {
    const generator = new DtmfToneGenerator(8000);
    generator.start('12', 1000, 60);
    const packet = new Int16Array(160);
    generator.generate(packet);
    generator.stop();
    generator.generate(packet);
    assert.ok(packet.subarray(8).every((sample) => sample === 0));
    assert.throws(() => generator.start('3', 100, 60), { code: 'CALL_STATE' });
    for (let i = 0; i < 3; i++) generator.generate(packet);
    assert.equal(generator.active, false);
    generator.start('3', 100, 60);
    generator.stop();
    assert.equal(generator.active, false);
  });

  it('rejects what is no digit', () => {
    const generator = new DtmfToneGenerator(8000);
    assert.throws(() => generator.start('1x', 100, 60), { code: 'BAD_DIGITS' });
    assert.throws(() => generator.start('1'.repeat(1001), 100, 60), { code: 'BAD_DIGITS' });
  });
});
