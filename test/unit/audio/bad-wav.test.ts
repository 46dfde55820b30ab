import assert from 'node:assert/strict';
import { WaveFile } from 'wavefile';
import { convertWavBytes } from '../../../lib/audio/convert';
import { describeConversion } from '../../../lib/audio/describe';
import { bytesSource, parseWavHeader } from '../../../lib/audio/wav-header';
import { SipflowError } from '../../../lib/common/errors';
import { seededRandom } from '../../support/random';
import { chunk, fmt, riff } from '../../support/wav-chunks';

const LIST = chunk('LIST', Buffer.from('INFOIART\x04\0\0\0abcd', 'latin1'));

/** Small files of every kind that we read. */
function specimens(): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const samples = Array.from({ length: 24 }, (_, i) => 0.5 * Math.sin(i));
  for (const container of ['RIFF', 'RIFX', 'RF64']) {
    for (const depth of ['8', '16', '24', '32f', '64']) {
      const scale = depth.endsWith('f') || depth === '64' ? 1 : 2 ** (Number(depth) - 1) - 1;
      const scaled = samples.map((sample) => (scale === 1 ? sample : Math.round(sample * scale)));
      const wav = new WaveFile();
      wav.fromScratch(2, 16_000, depth, [scaled, scaled], { container });
      files.set(`${container} ${depth}`, Buffer.concat([wav.toBuffer(), LIST]));
    }
  }
  const data = chunk('data', Buffer.from(samples.map((sample) => 128 + 100 * sample)));
  files.set('A-law', riff([LIST, fmt({ tag: 6, bits: 8 }), data, LIST]));
  files.set('mu-law behind its samples', riff([data, LIST, fmt({ tag: 7, bits: 8 })]));
  files.set(
    'IMA ADPCM',
    riff([fmt({ tag: 0x11, bits: 4, align: 24 }), chunk('fact', Buffer.alloc(4)), data]),
  );
  files.set('stereo IMA ADPCM', riff([fmt({ tag: 0x11, bits: 4, align: 24, channels: 2 }), data]));
  const extra = Buffer.alloc(24);
  extra.writeUInt16LE(22, 0);
  extra.writeUInt16LE(1, 8);
  files.set('EXTENSIBLE', riff([fmt({ tag: 0xfffe, extra }), data]));
  return files;
}

/** Every sample is a number within 16 bits, or the file is refused with a sentence. */
function readsOrRefuses(bytes: Buffer, label: string): 'read' | 'refused' {
  try {
    const format = parseWavHeader(bytesSource(bytes));
    assert.ok(describeConversion(format, 8000).source.durationMs >= 0, label);
    // A filter for an odd rate costs more time than everything else here, and other tests look at filters.
    const target = format.sampleRate === 16_000 ? 8000 : format.sampleRate;
    const output = convertWavBytes(bytes, target);
    const expected = (format.frames * target) / format.sampleRate;
    assert.ok(Math.abs(output.length - expected) <= 1, `${label}: ${output.length} instead of ${expected}`);
    return 'read';
  } catch (error) {
    if (!(error instanceof SipflowError)) throw error;
    assert.equal(error.code, 'BAD_AUDIO', label);
    assert.match(error.message, /^The audio .+\.$/, label);
    return 'refused';
  }
}

describe('bad WAV files', () => {
  for (const [name, file] of specimens()) {
    it(`${name}: cut off at any byte, it is read as far as it goes or refused`, () => {
      assert.equal(readsOrRefuses(file, 'whole'), 'read');
      for (let length = 0; length < file.length; length++) {
        readsOrRefuses(file.subarray(0, length), `${length} bytes`);
      }
    });

    it(`${name}: with any byte wrong, it is read or refused`, () => {
      for (let at = 0; at < file.length; at++) {
        for (const value of [0, 1, 0x80, 0xff]) {
          const wrong = Buffer.from(file);
          wrong[at] = value;
          readsOrRefuses(wrong, `byte ${at} is ${value}`);
        }
      }
    });
  }

  it('survives 3,000 files with several bytes wrong, inserted and missing', () => {
    const random = seededRandom(20_221_122);
    const pick = (limit: number): number => Math.floor(random() * limit);
    const files = [...specimens().values()];
    const outcomes = { read: 0, refused: 0 };
    for (let round = 0; round < 3000; round++) {
      let bytes = Buffer.from(files[pick(files.length)]);
      for (let edits = 1 + pick(6); edits > 0; edits--) {
        const at = pick(random() < 0.7 ? Math.min(80, bytes.length) : bytes.length);
        const kind = pick(4);
        if (kind < 2) bytes[at] = pick(256);
        else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + pick(8))]);
        else {
          const noise = Buffer.from(Array.from({ length: pick(8) }, () => pick(256)));
          bytes = Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
        }
      }
      outcomes[readsOrRefuses(bytes, `round ${round}`)]++;
    }
    assert.ok(outcomes.read > 300 && outcomes.refused > 300, JSON.stringify(outcomes));
  });
});
