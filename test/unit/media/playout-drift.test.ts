import assert from 'node:assert/strict';
import { encodePcmu } from '../../../lib/audio/g711';
import { AudioRing } from '../../../lib/media/audio-ring';
import { PayloadRing } from '../../../lib/media/payload-ring';
import { BridgeLeg } from '../../../lib/media/worker/bridge/bridge-leg';
import { createFrameCodec } from '../../../lib/media/worker/codecs';
import { Playout } from '../../../lib/media/worker/receive/playout';

const TEN_MINUTES = 30_000;
const PTIME_MS = 20;
/** One second of 441 Hz; its second difference is 955 at most, the steps of µ-law included below 1,400. */
const TONE = Int16Array.from(
  { length: 8000 },
  (_, index) => 8000 * Math.sin((2 * Math.PI * 441 * index) / 8000),
);
const SMOOTH = 1500;

/** Listens for what is no part of the tone. */
class Ear {
  steps = 0;
  samples = 0;
  #before = 0;
  #beforeThat = 0;

  hear(pcm: Int16Array, count: number): void {
    for (let index = 0; index < count; index++) {
      const isStep = Math.abs(pcm[index] - 2 * this.#before + this.#beforeThat) > SMOOTH;
      if (isStep && this.samples > 2) this.steps++;
      this.#beforeThat = this.#before;
      this.#before = pcm[index];
      this.samples++;
    }
  }
}

/** Ten minutes of a peer whose clock differs: what a listener hears, and what a bridged peer is sent. */
function listen(
  ppm: number,
  { copying = false, jitterMs = 0 } = {},
): {
  heard: Ear;
  bridged: Ear;
  gaps: number;
  copied: number;
  playout: Playout;
} {
  const [toPeer, back] = [AudioRing.allocate(8192), AudioRing.allocate(8192)];
  const [packets, packetsBack] = [PayloadRing.allocate(), PayloadRing.allocate()];
  const wiring = { sendRate: 8000, receiveRate: 8000 };
  const copies = (send: SharedArrayBuffer, receive: SharedArrayBuffer): object =>
    copying ? { copying: { codec: 'PCMU', send, receive } } : {};
  const from = new BridgeLeg({ ...wiring, send: toPeer, receive: back, ...copies(packets, packetsBack) });
  const to = new BridgeLeg({ ...wiring, send: back, receive: toPeer, ...copies(packetsBack, packets) });
  const [heard, bridged] = [new Ear(), new Ear()];
  const playout = new Playout({
    played(pcm, count, sampleRate, _atMs, _still, packet) {
      heard.hear(pcm, count);
      from.hear(pcm, count, sampleRate, packet);
    },
  });
  const codec = createFrameCodec('PCMU', { use: 'decode' });
  const header = {
    marker: false,
    payloadType: 0,
    sequence: 0,
    timestamp: 0,
    ssrc: 7,
    payloadOffset: 0,
    payloadLength: 160,
  };
  const payload = new Uint8Array(160);
  const pcm = new Int16Array(160);
  const out = new Int16Array(160);
  const sent = new Uint8Array(2000);
  let index = 0;
  let gaps = 0;
  let copied = 0;
  const arrival = (packet: number): number =>
    1000 + PTIME_MS * packet * (1 + ppm / 1e6) + (jitterMs * ((packet * 7919) % 13)) / 13;
  for (let tick = 0; tick < TEN_MINUTES; tick++) {
    const now = 1000 + PTIME_MS * tick;
    for (; arrival(index) <= now; index++) {
      for (let sample = 0; sample < 160; sample++) pcm[sample] = TONE[(160 * index + sample) % 8000];
      encodePcmu(pcm, payload, 0, 0, 160);
      header.sequence = index & 0xffff;
      header.timestamp = (160 * index) | 0;
      playout.put(codec, payload, header, arrival(index));
    }
    playout.tick(now);
    if (to.fill(out, 160, 8000)) {
      bridged.hear(out, 160);
      if (to.copyPacket(160, sent, 0) > 0) copied++;
    } else if (bridged.samples > 0) {
      gaps++;
    }
  }
  return { heard, bridged, gaps, copied, playout };
}

describe('media: ten minutes of a peer whose clock is not ours', () => {
  for (const ppm of [-200, 0, 200]) {
    for (const jitterMs of [0, 15]) {
      it(`are heard and bridged without a break (${ppm} ppm, ${jitterMs} ms of jitter)`, () => {
        const { heard, bridged, gaps, playout } = listen(ppm, { jitterMs });
        const { concealed, late, discarded } = playout.counts;
        assert.deepEqual([heard.steps, concealed, late, discarded], [0, 0, 0, 0]);
        assert.deepEqual([bridged.steps, gaps], [0, 0]);
      });
    }

    it(`are copied packet by packet nearly all the time where both sides speak the same codec (${ppm} ppm)`, () => {
      const { bridged, gaps, copied } = listen(ppm, { copying: true });
      assert.deepEqual([bridged.steps, gaps], [0, 0]);
      assert.ok(copied > 0.94 * TEN_MINUTES, `${copied} of ${TEN_MINUTES}`);
    });
  }
});
