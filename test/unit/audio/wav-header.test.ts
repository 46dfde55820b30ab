import assert from 'node:assert/strict';
import { WaveFile } from 'wavefile';
import { bytesSource, parseWavHeader, wavDurationMs, type ByteSource } from '../../../lib/audio/wav-header';
import { WAV_HEADER_BYTES, wavHeader } from '../../../lib/audio/wav-writer';
import { SipflowError } from '../../../lib/common/errors';

const DS64_DATA_SIZE = 5 * 2 ** 30;

/** A chunk with its header; odd bodies are padded unless told otherwise. */
function chunk(id: string, body: Uint8Array, options: { size?: number; pad?: boolean } = {}): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(options.size ?? body.length, 4);
  const pad = body.length % 2 === 1 && options.pad !== false ? Buffer.alloc(1) : Buffer.alloc(0);
  return Buffer.concat([head, body, pad]);
}

function riff(chunks: Buffer[], options: { id?: string; size?: number } = {}): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return chunk(options.id ?? 'RIFF', body, { size: options.size });
}

function fmt(fields: {
  tag?: number;
  channels?: number;
  rate?: number;
  align?: number;
  bits?: number;
  extra?: Buffer;
}): Buffer {
  const { tag = 1, channels = 1, rate = 8000, bits = 16 } = fields;
  const body = Buffer.alloc(16);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE((rate * channels * bits) >> 3, 8);
  body.writeUInt16LE(fields.align ?? (channels * bits) >> 3, 12);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([body, fields.extra ?? Buffer.alloc(0)]));
}

const SAMPLES = Buffer.from('0102030405060708', 'hex');
const parse = (bytes: Uint8Array) => parseWavHeader(bytesSource(bytes));

function rejects(bytes: Uint8Array, pattern: RegExp): void {
  assert.throws(
    () => parse(bytes),
    (error: unknown) => {
      assert.ok(error instanceof SipflowError);
      assert.equal(error.code, 'BAD_AUDIO');
      assert.match(error.message, pattern);
      return true;
    },
  );
}

describe('WAV header', () => {
  it('reads a plain file', () => {
    const file = riff([fmt({ channels: 2, rate: 44_100 }), chunk('data', SAMPLES)]);
    assert.deepEqual(parse(file), {
      container: 'RIFF',
      encoding: 'pcm',
      sampleRate: 44_100,
      channels: 2,
      bitsPerSample: 16,
      blockAlign: 4,
      dataOffset: 44,
      dataBytes: 8,
      frames: 2,
    });
    assert.equal(wavDurationMs(parse(file)), 2000 / 44_100);
  });

  it('finds the samples behind, before and between other chunks, odd ones too', () => {
    const list = chunk('LIST', Buffer.from('INFOabc'));
    const before = parse(
      riff([list, chunk('bext', Buffer.alloc(601)), fmt({}), list, chunk('data', SAMPLES)]),
    );
    assert.equal(before.dataBytes, 8);
    assert.equal(before.dataOffset, 12 + 16 + 610 + 24 + 16 + 8);
    const after = parse(riff([chunk('data', SAMPLES), list, fmt({ tag: 6, bits: 8 }), list]));
    assert.equal(after.encoding, 'alaw');
    assert.equal(after.frames, 8);
    assert.equal(after.dataOffset, 20);
  });

  it('forgives writers that do not pad odd chunks', () => {
    const list = chunk('LIST', Buffer.from('INFOabc'), { pad: false });
    assert.equal(parse(riff([list, fmt({}), chunk('data', SAMPLES)])).dataOffset, 12 + 15 + 24 + 8);
  });

  it('measures the data itself when the header was never patched, claims too much, or is unknown', () => {
    for (const size of [0, 9, 0x7fffffff, 0xffffffff]) {
      const file = riff([fmt({}), chunk('data', SAMPLES, { size })], { size });
      assert.equal(parse(file).dataBytes, 8, `data size ${size}`);
    }
  });

  it('believes in an empty data chunk when the rest of the header is right', () => {
    const file = riff([fmt({}), chunk('data', Buffer.alloc(0)), chunk('LIST', Buffer.from('INFO'))]);
    assert.equal(parse(file).frames, 0);
  });

  it('does not count a last half frame', () => {
    const file = riff([fmt({ channels: 2 }), chunk('data', SAMPLES.subarray(0, 7))]);
    assert.equal(parse(file).frames, 1);
  });

  it('reads EXTENSIBLE by its sub-format', () => {
    const extra = Buffer.alloc(24);
    extra.writeUInt16LE(22, 0);
    extra.writeUInt16LE(20, 2);
    extra.writeUInt16LE(3, 8);
    const file = riff([fmt({ tag: 0xfffe, bits: 32, extra }), chunk('data', SAMPLES)]);
    assert.equal(parse(file).encoding, 'float');
    rejects(riff([fmt({ tag: 0xfffe }), chunk('data', SAMPLES)]), /EXTENSIBLE/);
  });

  it('repairs a wrong block size but keeps a container wider than the samples', () => {
    const align = (bits: number, claimed: number) =>
      parse(riff([fmt({ channels: 2, bits, align: claimed }), chunk('data', SAMPLES)])).blockAlign;
    assert.equal(align(16, 0), 4);
    assert.equal(align(16, 7), 4);
    assert.equal(align(24, 8), 8);
    assert.equal(align(12, 4), 4);
    assert.equal(align(24, 4), 6);
  });

  it('takes sizes beyond 32 bits from ds64 without reading the samples', () => {
    const ds64 = Buffer.alloc(28);
    ds64.writeBigUInt64LE(BigInt(DS64_DATA_SIZE), 8);
    const head = riff(
      [chunk('ds64', ds64), fmt({ channels: 2 }), chunk('data', Buffer.alloc(0), { size: 0xffffffff })],
      { id: 'RF64', size: 0xffffffff },
    );
    const source: ByteSource = {
      size: head.length + DS64_DATA_SIZE + 100,
      read: (offset, length) => head.subarray(offset, offset + length),
    };
    const format = parseWavHeader(source);
    assert.equal(format.container, 'RF64');
    assert.equal(format.dataBytes, DS64_DATA_SIZE);
    assert.equal(format.frames, DS64_DATA_SIZE / 4);
  });

  it('agrees with wavefile about every container and encoding', () => {
    const samples = Array.from({ length: 1010 }, (_, i) => Math.round(8000 * Math.sin(i / 5)));
    const depths = ['8', '16', '24', '32', '32f', '64', '8a', '8m', '12'];
    for (const container of ['RIFF', 'RIFX', 'RF64']) {
      for (const depth of depths) {
        for (const channels of [1, 2, 6]) {
          const wav = new WaveFile();
          const perChannel = Array.from({ length: channels }, () => samples);
          wav.fromScratch(channels, 22_050, depth, channels === 1 ? samples : perChannel, { container });
          const format = parse(wav.toBuffer());
          const label = `${container} ${depth} × ${channels}`;
          assert.equal(format.container, container, label);
          assert.equal(format.frames, samples.length, label);
          assert.equal(format.sampleRate, 22_050, label);
          assert.equal(format.channels, channels, label);
        }
      }
    }
  });

  it('counts the frames of IMA ADPCM: one in the header of a block, two in every byte after it', () => {
    const frames = (channels: number, bytes: number) =>
      parse(riff([fmt({ tag: 0x11, bits: 4, channels, align: 256 }), chunk('data', Buffer.alloc(bytes))]))
        .frames;
    assert.equal(frames(1, 256), 505);
    assert.equal(frames(1, 512 + 6), 1010 + 5);
    assert.equal(frames(1, 256 + 3), 505);
    assert.equal(frames(2, 256), 249);
    assert.equal(frames(2, 256 + 16), 249 + 9);
  });

  it('says what a file is that is not a WAV', () => {
    rejects(new Uint8Array(), /is empty/);
    rejects(Buffer.from('RIFF'), /cut off/);
    rejects(Buffer.from('ID3\x04\x00\x00\x00\x00\x00\x00\x00\x00'), /is an MP3 file/);
    rejects(Buffer.from('OggS00000000'), /is an Ogg file/);
    rejects(Buffer.from('<!DOCTYPE html><html>'), /is a web page/);
    rejects(Buffer.from('hello world, how are you'), /does not begin with RIFF/);
    rejects(riff([Buffer.alloc(0)]).fill('AVI ', 8, 12), /type "AVI ", not WAVE/);
  });

  it('names what is wrong with a WAV that cannot be read', () => {
    const data = chunk('data', SAMPLES);
    rejects(riff([data]), /no format chunk/);
    rejects(riff([fmt({})]), /no samples/);
    rejects(riff([chunk('fmt ', Buffer.alloc(14)), data]), /format chunk of 14 bytes/);
    rejects(riff([fmt({ tag: 0x55 }), data]), /MP3 \(format tag 0x0055\)/);
    rejects(riff([fmt({ tag: 0x7777 }), data]), /unknown format \(format tag 0x7777\)/);
    rejects(riff([fmt({ channels: 0 }), data]), /no channels/);
    rejects(riff([fmt({ channels: 65 }), data]), /65 channels/);
    rejects(riff([fmt({ rate: 0 }), data]), /sample rate is 0 Hz/);
    rejects(riff([fmt({ bits: 0 }), data]), /PCM samples of 0 bits/);
    rejects(riff([fmt({ bits: 64 }), data]), /PCM samples of 64 bits/);
    rejects(riff([fmt({ tag: 3, bits: 16 }), data]), /floating-point samples of 16 bits/);
    rejects(riff([fmt({ tag: 7, bits: 16 }), data]), /G.711 with 16 bits/);
    rejects(riff([fmt({ tag: 0x11, bits: 4, align: 4 }), data]), /blocks of 4 bytes/);
    rejects(riff(Array.from({ length: 1001 }, () => chunk('junk', Buffer.alloc(0)))), /1000 chunks/);
  });

  it('survives being cut off at every byte', () => {
    const list = chunk('LIST', Buffer.from('INFOabc'));
    for (const id of ['RIFF', 'RIFX', 'RF64']) {
      const wav = new WaveFile();
      wav.fromScratch(
        2,
        48_000,
        '24',
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        { container: id },
      );
      const file = Buffer.concat([wav.toBuffer(), list]);
      const whole = parse(file);
      for (let length = 0; length < file.length; length++) {
        const cut = file.subarray(0, length);
        if (length < whole.dataOffset) rejects(cut, /^The audio .+\.$/);
        else assert.equal(parse(cut).dataBytes, Math.min(whole.dataBytes, length - whole.dataOffset));
      }
    }
  });
});

describe('WAV header writer', () => {
  it('writes what it would read, at any size', () => {
    for (const channels of [1, 2]) {
      for (const dataBytes of [0, 4, 320_000]) {
        const file = Buffer.concat([
          wavHeader({ sampleRate: 16_000, channels }, dataBytes),
          Buffer.alloc(dataBytes),
        ]);
        assert.deepEqual(parse(file), {
          container: 'RIFF',
          encoding: 'pcm',
          sampleRate: 16_000,
          channels,
          bitsPerSample: 16,
          blockAlign: 2 * channels,
          dataOffset: WAV_HEADER_BYTES,
          dataBytes,
          frames: dataBytes / channels / 2,
        });
        assert.equal(file.readUInt32LE(4), file.length - 8);
      }
    }
  });

  it('is understood by wavefile', () => {
    const file = Buffer.concat([
      wavHeader({ sampleRate: 8000, channels: 1 }, 4),
      Buffer.from('0100ffff', 'hex'),
    ]);
    const wav = new WaveFile(file);
    assert.deepEqual([...wav.getSamples()], [1, -1]);
  });

  it('becomes RF64 beyond 4 GB, with the same length', () => {
    const limit = 2 ** 32 - 1 - (WAV_HEADER_BYTES - 8);
    const container = (dataBytes: number) => {
      const head = wavHeader({ sampleRate: 8000, channels: 1 }, dataBytes);
      assert.equal(head.length, WAV_HEADER_BYTES);
      const source: ByteSource = {
        size: head.length + dataBytes,
        read: (offset, length) => head.subarray(offset, offset + length),
      };
      const format = parseWavHeader(source);
      assert.equal(format.dataBytes, dataBytes);
      return format.container;
    };
    assert.equal(container(limit - 1), 'RIFF');
    assert.equal(container(limit + 1), 'RF64');
    assert.equal(container(DS64_DATA_SIZE), 'RF64');
  });

  it('refuses sizes that end within a frame', () => {
    assert.throws(() => wavHeader({ sampleRate: 8000, channels: 2 }, 6), { code: 'INTERNAL' });
    assert.throws(() => wavHeader({ sampleRate: 8000, channels: 0 }, 0), { code: 'INTERNAL' });
  });
});
