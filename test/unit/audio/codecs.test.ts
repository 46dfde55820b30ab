import assert from 'node:assert/strict';
import { CODECS, type CodecName, canonicalCodecName } from '../../../lib/audio/codecs';

const SPELLINGS: Record<CodecName, string[]> = {
  PCMU: [
    'PCMU',
    'pcmu',
    'Pcmu',
    ' pcmu ',
    'G711U',
    'g711u',
    'G.711u',
    'g711-u',
    'G.711 U',
    'ulaw',
    'u-law',
    'mulaw',
    'mu-law',
    'µ-law',
    '\u03bc-law',
    'G.711 µ-law',
    'G711ulaw',
    'G.711mu',
    'PCMU/8000',
    'pcmu/8000/1',
  ],
  PCMA: ['PCMA', 'pcma', 'G711A', 'g.711a', 'g711_a', 'alaw', 'a-law', 'G.711 A-law', 'PCMA/8000'],
  G722: ['G722', 'g722', 'G.722', 'g-722', 'G722/8000'],
  L16: ['L16', 'l16', 'L16/16000', 'L16/16000/1'],
  OPUS: ['OPUS', 'opus', 'Opus', 'opus/48000/2', 'opus/48000'],
};

describe('audio: codec names', () => {
  for (const [name, spellings] of Object.entries(SPELLINGS)) {
    it(`pitfall 13: ${name} in any spelling`, () => {
      for (const spelling of spellings) assert.equal(canonicalCodecName(spelling), name, spelling);
    });
  }

  it('pitfall 13: nothing else passes for a codec of ours', () => {
    const others = [
      '',
      ' ',
      'G729',
      'G.722.1',
      'G7221',
      'G711',
      'PCM',
      'PCMU8000',
      'PCMU/16000',
      'L16/44100',
      'L16/16000/2',
      'opus/16000',
      'opus/48000/6',
      'telephone-event',
      'speex',
      'constructor',
      '__proto__',
      'toString',
      'PCMU,PCMA',
    ];
    for (const spelling of others) assert.equal(canonicalCodecName(spelling), undefined, spelling);
  });

  it('the catalogue keeps to RFC 3551 and RFC 7587', () => {
    assert.equal(CODECS.PCMU.staticPayloadType, 0);
    assert.equal(CODECS.PCMA.staticPayloadType, 8);
    assert.equal(CODECS.G722.staticPayloadType, 9);
    assert.deepEqual([CODECS.G722.clockRate, CODECS.G722.sampleRate], [8000, 16_000]);
    assert.deepEqual([CODECS.OPUS.clockRate, CODECS.OPUS.rtpmapChannels], [48_000, 2]);
    for (const [name, codec] of Object.entries(CODECS)) {
      assert.equal(codec.name, name);
      assert.equal(canonicalCodecName(codec.encodingName), name);
    }
  });
});
