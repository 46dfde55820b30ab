import assert from 'node:assert/strict';
import { AudioRing } from '../../../lib/media/audio-ring';
import { PayloadRing } from '../../../lib/media/payload-ring';
import { BridgeLeg } from '../../../lib/media/worker/bridge/bridge-leg';
import { BridgeLegs } from '../../../lib/media/worker/bridge/bridge-legs';

const ramp = (from: number, count: number): Int16Array =>
  Int16Array.from({ length: count }, (_, index) => from + index);

function legs(rateA = 8000, rateB = 8000): [BridgeLeg, BridgeLeg] {
  const [toA, toB] = [AudioRing.allocate(8192), AudioRing.allocate(8192)];
  return [
    new BridgeLeg({ send: toB, sendRate: rateB, receive: toA, receiveRate: rateA }),
    new BridgeLeg({ send: toA, sendRate: rateA, receive: toB, receiveRate: rateB }),
  ];
}

describe('media: audio ring', () => {
  it('gives out what was put in, in order, over its end and over the wrap of its positions', () => {
    const memory = AudioRing.allocate(256);
    new Int32Array(memory, 0, 2).fill(0x7fffff80);
    const [writer, reader] = [new AudioRing(memory), new AudioRing(memory)];
    const read: number[] = [];
    const out = new Int16Array(160);
    for (let round = 0; round < 20; round++) {
      writer.write(ramp(round * 100, 100), 100);
      while (reader.available >= 60) {
        reader.read(out, 60);
        read.push(...out.subarray(0, 60));
      }
    }
    assert.deepEqual(read, [...ramp(0, read.length)]);
    assert.ok(read.length >= 1940);
  });

  it('does not take more than it holds', () => {
    const ring = new AudioRing(AudioRing.allocate(256));
    ring.write(ramp(0, 200), 200);
    ring.write(ramp(200, 200), 200);
    assert.equal(ring.available, 256);
    const out = new Int16Array(256);
    ring.read(out, 256);
    assert.deepEqual(out, ramp(0, 256));
    assert.equal(ring.available, 0);
  });
});

describe('media: bridge leg', () => {
  it('hands over every sample in order at an even pace', () => {
    const [a, b] = legs();
    const out = new Int16Array(160);
    const heard: number[] = [];
    for (let tick = 0; tick < 100; tick++) {
      a.hear(ramp(160 * tick, 160), 160, 8000);
      if (b.fill(out, 160, 8000)) heard.push(...out);
    }
    assert.ok(heard.length >= 98 * 160);
    assert.deepEqual(heard, [...ramp(0, heard.length)]);
    assert.equal(a.fill(out, 160, 8000), false, 'nothing came the other way');
  });

  it('after an interruption it waits for a larger cushion, so that large packets flow without gaps', () => {
    const [a, b] = legs();
    const out = new Int16Array(160);
    const outcomes: boolean[] = [];
    for (let tick = 0; tick < 200; tick++) {
      if (tick % 3 === 0) a.hear(ramp(0, 480), 480, 8000);
      outcomes.push(b.fill(out, 160, 8000));
    }
    assert.ok(outcomes.slice(20).every((filled) => filled));
  });

  it('what piled up while nobody read is left out, so that the delay does not stay', () => {
    const [a, b] = legs();
    const out = new Int16Array(160);
    for (let tick = 0; tick < 40; tick++) a.hear(ramp(160 * tick, 160), 160, 8000);
    b.fill(out, 160, 8000);
    const behind = 160 * 40 - out[159];
    assert.ok(behind < 0.1 * 8000, `${behind / 8} ms behind`);
  });

  it('a slow drift of the clocks never makes the delay grow beyond its bound', () => {
    const [a, b] = legs();
    const out = new Int16Array(160);
    let most = 0;
    for (let tick = 0, sent = 0; tick < 5000; tick++) {
      const count = tick % 50 === 0 ? 168 : 160;
      a.hear(ramp(sent % 20000, count), count, 8000);
      sent += count;
      if (b.fill(out, 160, 8000)) most = Math.max(most, (sent % 20000) - out[159]);
    }
    assert.ok(most < 8 * 160, `${most / 8} ms`);
  });

  it('converts between sample rates', () => {
    const [narrow, wide] = legs(8000, 16000);
    const tone = (rate: number, tick: number): Int16Array =>
      Int16Array.from({ length: rate / 50 }, (_, index) =>
        Math.round(10000 * Math.sin((2 * Math.PI * 500 * (tick * (rate / 50) + index)) / rate)),
      );
    const heard = { narrow: [] as number[], wide: [] as number[] };
    for (let tick = 0; tick < 60; tick++) {
      narrow.hear(tone(8000, tick), 160, 8000);
      wide.hear(tone(16000, tick), 320, 16000);
      const [a, b] = [new Int16Array(160), new Int16Array(320)];
      if (narrow.fill(a, 160, 8000)) heard.narrow.push(...a);
      if (wide.fill(b, 320, 16000)) heard.wide.push(...b);
    }
    for (const [samples, rate] of [
      [heard.narrow, 8000],
      [heard.wide, 16000],
    ] as const) {
      const settled = samples.slice(rate / 10, rate / 10 + rate);
      const crossings = settled.filter((sample, index) => index > 0 && settled[index - 1] < 0 && sample >= 0);
      assert.ok(Math.abs(crossings.length - (500 * settled.length) / rate) <= 2, String(crossings.length));
      assert.ok(Math.abs(Math.max(...settled) - 10000) < 300, String(Math.max(...settled)));
    }
  });
});

describe('media: several bridges of one session', () => {
  /** Three members of a conference: every two of them share a bridge. */
  function members(): BridgeLegs[] {
    const all = [new BridgeLegs(), new BridgeLegs(), new BridgeLegs()];
    let id = 0;
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const [toA, toB] = [AudioRing.allocate(8192), AudioRing.allocate(8192)];
      all[a].join(++id, { send: toB, sendRate: 8000, receive: toA, receiveRate: 8000 });
      all[b].join(id, { send: toA, sendRate: 8000, receive: toB, receiveRate: 8000 });
    }
    return all;
  }

  function heard(all: BridgeLegs[], values: number[]): number[] {
    for (let round = 0; round < 3; round++) {
      all.forEach((member, index) => member.hear(new Int16Array(160).fill(values[index]), 160, 8000));
    }
    return all.map((member) => {
      const pcm = new Int16Array(160);
      assert.ok(member.fill(pcm, 160, 8000));
      return pcm[80];
    });
  }

  it('gives each the sum of all but itself', () => {
    assert.deepEqual(heard(members(), [1000, 200, -30]), [170, 970, 1200]);
  });

  it('limits sums to 16 bits instead of wrapping around', () => {
    assert.deepEqual(heard(members(), [30_000, 20_000, -30_000]), [-10_000, 0, 32_767]);
    assert.deepEqual(heard(members(), [-30_000, -20_000, -9000]), [-29_000, -32_768, -32_768]);
  });

  it('hears whoever speaks while others are silent, and nobody once it left', () => {
    const all = members();
    const pcm = new Int16Array(160);
    assert.equal(all[0].fill(pcm, 160, 8000), false);
    for (let round = 0; round < 3; round++) all[1].hear(new Int16Array(160).fill(500), 160, 8000);
    assert.ok(all[0].fill(pcm, 160, 8000));
    assert.equal(pcm[0], 500);
    all[0].leave(1);
    assert.equal(all[0].fill(pcm, 160, 8000), false);
  });
});

describe('media: packets that a bridge copies', () => {
  const packetOf = (value: number, length = 160) => ({
    codec: 'PCMU' as const,
    bytes: new Uint8Array(length + 4).fill(value),
    offset: 4,
    length,
  });

  function copyingLegs(): [BridgeLeg, BridgeLeg] {
    const [toA, toB] = [AudioRing.allocate(8192), AudioRing.allocate(8192)];
    const [packetsToA, packetsToB] = [PayloadRing.allocate(), PayloadRing.allocate()];
    const rates = { sendRate: 8000, receiveRate: 8000 };
    return [
      new BridgeLeg({
        ...rates,
        send: toB,
        receive: toA,
        copying: { codec: 'PCMU', send: packetsToB, receive: packetsToA },
      }),
      new BridgeLeg({
        ...rates,
        send: toA,
        receive: toB,
        copying: { codec: 'PCMU', send: packetsToA, receive: packetsToB },
      }),
    ];
  }

  const target = new Uint8Array(200);
  const pcm = new Int16Array(160);

  /** First byte of the packet that comes with the next frame; 0 when the frame has to be encoded. */
  function next(leg: BridgeLeg): number {
    assert.ok(leg.fill(pcm, 160, 8000));
    target.fill(0);
    const length = leg.copyPacket(160, target, 12);
    assert.ok(length === 0 || length === 160);
    return target[12];
  }

  it('come out with their samples, each once, over many turns of the ring', () => {
    const [a, b] = copyingLegs();
    for (let index = 0; index < 3; index++) a.hear(pcm, 160, 8000, packetOf(1 + index));
    for (let index = 3; index < 200; index++) {
      assert.equal(next(b), 1 + ((index - 3) % 250));
      a.hear(pcm, 160, 8000, packetOf(1 + (index % 250)));
    }
  });

  it('are left out where audio was made up, was of another codec, or is sent in frames of another length', () => {
    const [a, b] = copyingLegs();
    for (let index = 0; index < 3; index++) a.hear(pcm, 160, 8000, packetOf(7));
    const steps = [
      () => a.hear(pcm, 160, 8000),
      () => a.hear(pcm, 160, 8000, { ...packetOf(8), codec: 'PCMA' }),
      () => a.hear(pcm, 160, 8000, packetOf(9)),
      () => a.hear(new Int16Array(320), 320, 8000, packetOf(10, 320)),
      () => a.hear(pcm, 160, 8000, packetOf(11)),
      () => undefined,
      () => undefined,
      () => undefined,
    ];
    const heard = steps.map((step) => {
      step();
      return next(b);
    });
    assert.deepEqual(heard, [7, 7, 7, 0, 0, 9, 0, 0]);
    assert.equal(next(b), 11);
  });

  it('find their samples again after a gap that is no multiple of a frame', () => {
    const [a, b] = copyingLegs();
    for (let index = 0; index < 3; index++) a.hear(pcm, 160, 8000, packetOf(1));
    assert.equal(next(b), 1);
    a.hear(pcm, 50, 8000);
    const heard = [0, 1, 2, 3, 4, 5, 6].map(() => {
      a.hear(pcm, 160, 8000, packetOf(2));
      return next(b);
    });
    assert.deepEqual(heard.slice(-2), [2, 2], heard.join());
  });
});
