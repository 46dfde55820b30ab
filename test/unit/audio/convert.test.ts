import assert from 'node:assert/strict';
import { WaveFile } from 'wavefile';
import {
  convertedFrames,
  convertWav,
  convertWavBytes,
  toInt16,
  WavConverter,
} from '../../../lib/audio/convert';
import { assertPlayableAsIs, describeConversion } from '../../../lib/audio/describe';
import { bytesSource, parseWavHeader, type ByteSource } from '../../../lib/audio/wav-header';
import { wavHeader } from '../../../lib/audio/wav-writer';
import { RARE_WAV_LIMIT_BYTES } from '../../../lib/audio/rare-wav';
import { amplitudeAt, levelDbfs, pitch, signalToErrorDb, sines } from '../../support/audio';
import { chunk, fmt, riff } from '../../support/wav-chunks';

const DEPTHS = ['8', '16', '24', '32', '32f', '64', '8a', '8m'];
/** Full scale of each depth as wavefile wants its samples. */
const FULL_SCALE: Readonly<Record<string, number>> = {
  '8': 128,
  '24': 8_388_608,
  '32': 2_147_483_648,
  '32f': 1,
  '64': 1,
};

/** A WAV file made by wavefile with one 440 Hz sine in every channel, −12 dBFS peak. */
function makeWav(
  rate: number,
  channels: number,
  depth: string,
  container = 'RIFF',
  seconds = 0.25,
): Uint8Array {
  const unit = FULL_SCALE[depth] ?? 32_768;
  const samples = Array.from({ length: Math.round(rate * seconds) }, (_, i) => {
    const value = 0.25 * unit * Math.sin((2 * Math.PI * 440 * i) / rate);
    if (depth === '8') return 128 + Math.round(value);
    return unit === 1 ? value : Math.round(value);
  });
  const g711 = depth === '8a' || depth === '8m';
  const all = channels === 1 ? samples : Array.from({ length: channels }, () => samples);
  const wav = new WaveFile();
  wav.fromScratch(channels, rate, g711 ? '16' : depth, all, { container });
  if (depth === '8a') wav.toALaw();
  if (depth === '8m') wav.toMuLaw();
  return wav.toBuffer();
}

function wav16(samples: Int16Array, sampleRate: number, channels = 1): Uint8Array {
  return Buffer.concat([
    wavHeader({ sampleRate, channels }, samples.byteLength),
    Buffer.from(samples.buffer),
  ]);
}

describe('WAV conversion', () => {
  it('pitfall 2: every rate, channel count and depth keeps its pitch, level and duration', function () {
    // wavefile takes its time to make 192 files.
    this.timeout(60_000);
    for (const rate of [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000]) {
      for (const channels of [1, 2, 6]) {
        for (const depth of DEPTHS) {
          const label = `${rate} Hz × ${channels}, ${depth} bits`;
          const samples = convertWavBytes(makeWav(rate, channels, depth, 'RIFF', 0.1), 8000);
          assert.ok(Math.abs(samples.length - 800) <= 1, label);
          const middle = samples.subarray(100, 700);
          assert.ok(Math.abs(amplitudeAt(middle, 440, 8000) / 8192 - 1) < 0.02, label);
          const expected = sines([440], 8000, 0.1, 8192).subarray(100, 700);
          const floor = depth.startsWith('8') ? 33 : 75;
          const decibels = signalToErrorDb(middle, expected);
          assert.ok(decibels > floor, `${label}: ${decibels.toFixed(1)} dB`);
        }
      }
    }
  });

  it('measures the pitch of a CD-quality file at both telephone rates', () => {
    const file = makeWav(44_100, 2, '16');
    for (const rate of [8000, 16_000]) {
      const samples = convertWavBytes(file, rate);
      assert.ok(Math.abs(pitch(samples, rate, 300, 600) - 440) < 0.5);
      assert.ok(Math.abs(levelDbfs(samples) - -15.05) < 0.1);
    }
  });

  it('passes 16-bit mono at the target rate bit by bit', () => {
    const samples = Int16Array.from({ length: 0x10000 }, (_, i) => i - 0x8000);
    assert.deepEqual(convertWavBytes(wav16(samples, 8000), 8000), samples);
  });

  it('averages the channels, to half a step', () => {
    const stereo = Int16Array.of(32_767, 32_767, -32_768, -32_768, 1000, -1000, 7, 8);
    assert.deepEqual([...convertWavBytes(wav16(stereo, 8000, 2), 8000)], [32_767, -32_768, 0, 8]);
  });

  it('limits what is louder than full scale instead of wrapping around, and silences what is no number', () => {
    const output = new Int16Array(8);
    toInt16(Float32Array.of(1, 2, -1, -2, 0.99999, 0.5), output, 1);
    assert.deepEqual([...output], [0, 32_767, 32_767, -32_768, -32_768, 32_767, 16_384, 0]);

    const wav = new WaveFile();
    wav.fromScratch(1, 8000, '32f', [0.5, NaN, Infinity, -Infinity, 1e30, 0.25]);
    assert.deepEqual([...convertWavBytes(wav.toBuffer(), 8000)], [16_384, 0, 32_767, -32_768, 32_767, 8192]);
  });

  it('does not depend on how the bytes are cut', () => {
    for (const depth of ['8a', '16', '24', '64']) {
      const file = makeWav(11_025, 2, depth, 'RIFF', 0.1);
      const format = parseWavHeader(bytesSource(file));
      const data = file.subarray(format.dataOffset, format.dataOffset + format.dataBytes);
      const convert = (piece: number): number[] => {
        const converter = new WavConverter(format, 8000);
        const output: number[] = [];
        for (let i = 0; i < data.length; i += piece)
          output.push(...converter.push(data.subarray(i, i + piece)));
        output.push(...converter.end());
        return output;
      };
      const whole = convert(data.length);
      for (const piece of [1, 3, 7, 1000]) assert.deepEqual(convert(piece), whole, `${depth} in ${piece}s`);
    }
  });

  it('drops a last half frame', () => {
    const file = wav16(Int16Array.of(1, 2, 3, 4), 8000, 2);
    assert.deepEqual([...convertWavBytes(file.subarray(0, file.length - 1), 8000)], [2]);
  });

  it('works with a source that reuses its buffer, and tells when the file shrinks', () => {
    const file = wav16(sines([440], 44_100, 2), 44_100);
    const buffer = Buffer.alloc(64 * 1024);
    const reading = (available: () => number): ByteSource => ({
      size: file.length,
      read: (offset, length) => {
        buffer.fill(0x55);
        buffer.set(file.subarray(offset, Math.min(offset + length, available())));
        return buffer.subarray(0, Math.max(0, Math.min(length, available() - offset)));
      },
    });
    const samples = [
      ...convertWav(
        reading(() => file.length),
        8000,
      ),
    ].flatMap((piece) => [...piece]);
    assert.deepEqual(Int16Array.from(samples), convertWavBytes(file, 8000));

    let available = file.length;
    const pieces = convertWav(
      reading(() => available),
      8000,
    );
    pieces.next();
    available = 1000;
    assert.throws(() => [...pieces], { code: 'BAD_AUDIO' });
  });

  it('reads big-endian files by way of wavefile, and refuses large ones', () => {
    for (const depth of ['8', '16', '24', '32', '32f']) {
      const samples = convertWavBytes(makeWav(16_000, 2, depth, 'RIFX'), 8000);
      assert.deepEqual(samples, convertWavBytes(makeWav(16_000, 2, depth), 8000), depth);
    }
    const file = makeWav(16_000, 2, '16', 'RIFX');
    const huge: ByteSource = { ...bytesSource(file), size: RARE_WAV_LIMIT_BYTES + 1 };
    assert.throws(() => [...convertWav(huge, 8000)], { code: 'BAD_AUDIO', message: /RIFX\) of 34 MB/ });
  });

  it('reads RIFX without the recursion over nested lists that its package would fall into', () => {
    const list = Buffer.from('LIST\0\0\0\x04INFO', 'latin1');
    const file = makeWav(16_000, 1, '16', 'RIFX');
    const hostile = Buffer.concat([file, ...Array.from({ length: 40 }, () => list)]);
    assert.deepEqual(convertWavBytes(hostile, 8000), convertWavBytes(file, 8000));
  });

  it('says that IMA ADPCM within RIFX cannot be read', () => {
    const adpcm = riff([fmt({ tag: 0x11, bits: 4, align: 256 }), chunk('data', Buffer.alloc(256))]);
    for (const at of [4, 16, 24, 40]) adpcm.subarray(at, at + 4).reverse();
    for (const at of [20, 22, 32, 34]) adpcm.subarray(at, at + 2).reverse();
    adpcm.write('RIFX', 0);
    assert.throws(() => convertWavBytes(adpcm, 8000), { code: 'BAD_AUDIO', message: /big-endian/ });
  });

  it('knows the length of the result beforehand', () => {
    const format = parseWavHeader(bytesSource(makeWav(44_100, 2, '16')));
    assert.equal(convertedFrames(format, 8000), 2000);
  });
});

describe('conversion report', () => {
  const format = (rate: number, channels: number, depth: string) =>
    parseWavHeader(bytesSource(makeWav(rate, channels, depth)));

  it('says what a file is and what will be converted', () => {
    assert.deepEqual(describeConversion(format(44_100, 2, '24'), 8000), {
      source: {
        container: 'RIFF',
        encoding: 'pcm',
        sampleRate: 44_100,
        channels: 2,
        bitsPerSample: 24,
        durationMs: 250,
      },
      steps: [
        { kind: 'decode', encoding: 'pcm', bitsPerSample: 24 },
        { kind: 'mix', channels: 2 },
        { kind: 'resample', from: 44_100, to: 8000 },
      ],
      mismatch: 'stereo instead of mono and 44100 Hz instead of 8000 Hz',
    });
  });

  it('finds nothing to do for a file that fits, and no mismatch in its encoding', () => {
    assert.deepEqual(describeConversion(format(8000, 1, '16'), 8000).steps, []);
    assert.equal(describeConversion(format(8000, 1, '8a'), 8000).mismatch, undefined);
    assert.doesNotThrow(() => assertPlayableAsIs(format(16_000, 1, '8m'), 16_000));
  });

  it('rejects what the strict option does not want converted, naming the mismatch', () => {
    assert.throws(() => assertPlayableAsIs(format(8000, 6, '16'), 8000), {
      code: 'BAD_AUDIO',
      message: /^The audio is 6 channels instead of mono\. Convert the file/,
    });
    assert.throws(() => assertPlayableAsIs(format(16_000, 1, '16'), 8000), {
      code: 'BAD_AUDIO',
      message: /16000 Hz instead of 8000 Hz/,
    });
  });
});
