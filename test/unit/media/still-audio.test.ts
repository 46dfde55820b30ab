import assert from 'node:assert/strict';
import { PacketLossConcealer } from '../../../lib/audio/plc';
import { InbandDetector } from '../../../lib/dtmf/inband-detector';
import { DtmfToneGenerator } from '../../../lib/dtmf/tone-generator';
import { JitterBuffer } from '../../../lib/media/jitter-buffer';
import { AudioMonitor } from '../../../lib/media/quality';
import { seededRandom } from '../../support/random';

const FRAME = 160;

/** A frame and whether the one who hands it on says that it is still. */
interface Frame {
  pcm: Int16Array;
  still: boolean;
}

/** Silence of several values, noise and digits in turn, so that each follows each. */
function frames(seed: number, count: number): Frame[] {
  const random = seededRandom(seed);
  const made: Frame[] = [];
  while (made.length < count) {
    const kind = Math.floor(random() * 4);
    const length = 1 + Math.floor(random() * 8);
    const value = [0, 8, -8, 32_124, -300][Math.floor(random() * 5)];
    const tone = new DtmfToneGenerator(8000);
    tone.start('5', 20 * length, 40);
    for (let index = 0; index < length; index++) {
      const pcm = new Int16Array(FRAME);
      if (kind < 2) pcm.fill(kind === 0 ? 0 : value);
      else if (kind === 2) pcm.forEach((_, at) => (pcm[at] = Math.round((random() - 0.5) * 20_000)));
      else tone.generate(pcm);
      made.push({ pcm, still: kind < 2 });
    }
  }
  return made;
}

describe('still audio, of which one sample says all', () => {
  it('measures the same level, silence and clipping as sample by sample', () => {
    for (const seed of [1, 2, 3]) {
      const [quick, thorough] = [new AudioMonitor(8000), new AudioMonitor(8000)];
      for (const { pcm, still } of frames(seed, 400)) {
        quick.accept(pcm, 0, FRAME, still);
        thorough.accept(pcm, 0, FRAME);
        assert.equal(quick.levelDbfs, thorough.levelDbfs);
        assert.equal(quick.peakDbfs, thorough.peakDbfs);
        assert.equal(quick.silenceShare, thorough.silenceShare);
        assert.equal(quick.clippedSamples, thorough.clippedSamples);
      }
      assert.ok(thorough.clippings > 0);
    }
  });

  it('hears the same digits at the same time', () => {
    for (const seed of [4, 5, 6]) {
      const heard: string[][] = [[], []];
      const [quick, thorough] = heard.map(
        (list) =>
          new InbandDetector(
            { sampleRate: 8000 },
            { start: (digit) => list.push(digit), digit: (...digit) => list.push(digit.join(' ')) },
          ),
      );
      for (const { pcm, still } of frames(seed, 600)) {
        quick.add(pcm, 0, FRAME, still);
        thorough.add(pcm, 0, FRAME);
      }
      assert.deepEqual(heard[0], heard[1]);
      assert.ok(heard[0].length > 10, `only ${heard[0].length} digits`);
    }
  });

  it('conceals the same losses with the same samples', () => {
    for (const mode of ['pitch', 'repeat-fade'] as const) {
      const [quick, thorough] = [new PacketLossConcealer(mode, 8000), new PacketLossConcealer(mode, 8000)];
      const random = seededRandom(7);
      for (const { pcm, still } of frames(8, 600)) {
        const [a, b] = [pcm.slice(), pcm.slice()];
        if (random() < 0.1) {
          quick.conceal(a, 0, FRAME);
          thorough.conceal(b, 0, FRAME);
        } else {
          const isStill = quick.good(a, 0, FRAME, still);
          thorough.good(b, 0, FRAME);
          if (isStill) assert.ok(a.every((sample) => sample === a[0]));
        }
        assert.deepEqual(a, b);
      }
    }
  });

  it('comes out of the jitter buffer with the bytes that went in', () => {
    const buffer = new JitterBuffer({
      mode: 'fixed',
      delayMs: 40,
      clockRate: 8000,
      slots: 32,
      slotBytes: 480,
    });
    const payloads = [0xff, 0xd5, 0xff, 0x00].map((byte) => new Uint8Array(FRAME).fill(byte));
    payloads.push(
      new Uint8Array(FRAME).fill(0xff),
      new Uint8Array(1).fill(0x12),
      new Uint8Array(480).fill(0xff),
    );
    payloads[4][FRAME - 1] = 0xfe;
    let timestamp = 0;
    payloads.forEach((payload, sequence) => {
      const header = {
        ssrc: 1,
        sequence,
        timestamp,
        marker: false,
        payloadType: 0,
        payloadOffset: 0,
        payloadLength: payload.length,
      };
      assert.equal(buffer.put(payload, header, payload.length, 1000 + timestamp / 8), 'queued');
      timestamp += payload.length;
    });
    const got: string[] = [];
    for (let now = 1000; now < 1400; now += 1) {
      for (let outcome = buffer.pull(now); outcome === 'packet'; outcome = buffer.pull(now)) {
        const { bytes, offset, length, still } = buffer.current;
        got.push(`${still} ${Buffer.from(bytes.subarray(offset, offset + length)).toString('hex')}`);
      }
    }
    assert.deepEqual(
      got,
      payloads.map((payload, index) => `${index !== 4} ${Buffer.from(payload).toString('hex')}`),
    );
  });
});
