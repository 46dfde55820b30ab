import assert from 'node:assert/strict';
import { decodeL16, encodeL16 } from '../../../lib/audio/l16';

describe('L16', () => {
  it('writes samples in network byte order', () => {
    const payload = Buffer.alloc(10, 0xee);
    encodeL16(Int16Array.of(99, 1, -2, 0x1234, -32_768, 99), payload, 1, 1, 4);
    assert.equal(payload.toString('hex'), 'ee0001fffe12348000ee');
  });

  it('reads back what it wrote, at any alignment', () => {
    const samples = Int16Array.from({ length: 0x10000 }, (_, i) => i - 0x8000);
    const payload = new Uint8Array(2 * samples.length + 3);
    encodeL16(samples, payload, 3);
    const back = new Int16Array(samples.length);
    decodeL16(payload, back, 0, 3);
    assert.deepEqual(back, samples);
  });

  it('leaves an odd last byte alone', () => {
    const samples = new Int16Array(3).fill(7);
    decodeL16(Buffer.from('0100ff00aa', 'hex'), samples);
    assert.deepEqual([...samples], [0x100, -0x100, 7]);
  });
});
