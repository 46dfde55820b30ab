import assert from 'node:assert/strict';
import {
  loadOpus,
  opusInstalled,
  opusMissing,
  opusPreferences,
  opusSamples,
  type OpusDecoder,
} from '../../../lib/audio/opus';
import { codecPreference } from '../../../lib/sdp';

/** Samples that the decoder makes of a packet; 0 when it refuses it. */
function decode(decoder: OpusDecoder, packet: Uint8Array): number {
  try {
    return decoder.decode(packet).length;
  } catch {
    return 0;
  }
}

describe('Opus', () => {
  it('knows the length of any packet by its first bytes, as the decoder of libopus does', async () => {
    const library = await loadOpus();
    const decoder = await library.createDecoder({ sampleRate: 48_000, channels: 1 });
    for (let toc = 0; toc < 256; toc++) {
      // Code 3 names the number of frames, here of the same length each.
      const frames = (toc & 3) === 0 ? 1 : (toc & 3) === 3 ? 1 + (toc % 7) : 2;
      const head = { 0: [toc], 1: [toc], 2: [toc, 8], 3: [toc, frames] }[toc & 3] ?? [];
      const packet = Uint8Array.of(...head, ...new Uint8Array(8 * frames).fill(0x55));
      const decoded = decode(decoder, packet);
      assert.equal(opusSamples(Uint8Array.of(7, 7, ...packet, 7), 2, packet.length), decoded, `${toc}`);
    }
    decoder.free();
    assert.equal(opusSamples(new Uint8Array(4), 0, 0), 0);
    assert.equal(opusSamples(Uint8Array.of(3), 0, 1), 0);
  });

  it('takes what the peer asks for from its format parameters', () => {
    assert.deepEqual(opusPreferences(), { bitrate: 32_000, fec: false });
    assert.deepEqual(opusPreferences('minptime=10; useinbandfec=1'), { bitrate: 32_000, fec: true });
    assert.deepEqual(opusPreferences('maxaveragebitrate=20000;useinbandfec=0'), {
      bitrate: 20_000,
      fec: false,
    });
    assert.equal(opusPreferences('maxaveragebitrate=1').bitrate, 6000);
    assert.equal(opusPreferences('maxaveragebitrate=510000').bitrate, 32_000);
    assert.equal(opusPreferences('maxaveragebitrate=x').bitrate, 32_000);
  });

  it('is found when it is installed, and says how to install it when it is not', async () => {
    assert.equal(opusInstalled(), true);
    const missing = (): never => {
      throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
    };
    assert.equal(opusInstalled(missing), false);
    const expected = { code: 'BAD_CONFIG', message: /npm install libopus-wasm/ };
    await assert.rejects(
      loadOpus(() => Promise.reject(new Error('no such package'))),
      expected,
    );
    const options = { pcmuFallback: false, installed: () => opusInstalled(missing) };
    assert.throws(() => codecPreference(['PCMU', 'opus'], options), expected);
    assert.deepEqual(codecPreference(['PCMU'], options), ['PCMU']);
    assert.deepEqual(codecPreference(['opus'], { pcmuFallback: false }), ['OPUS']);
    assert.equal(opusMissing().code, 'BAD_CONFIG');
  });
});
