import assert from 'node:assert/strict';
import { LINEAR_TO_PCMU } from '../../../lib/audio/g711';
import { createFrameCodec } from '../../../lib/media/worker/codecs';
import { Playout } from '../../../lib/media/worker/receive/playout';
import { RtpHeader } from '../../../lib/media/worker/rtp-packet';
import { SilenceWatch } from '../../../lib/media/worker/receive/silence-watch';
import type { MediaParameters } from '../../../lib/media/types';
import { levelDbfs } from '../../support/audio';

interface Frame {
  value: number;
  /** The deadline at which it was handed out, and when it was received as far as playout knows. */
  playedMs: number;
  atMs: number;
}

function rig(): {
  frames: Frame[];
  playout: Playout;
  put: (sequence: number, arrivalMs: number, value?: number) => void;
  run: (fromMs: number, toMs: number) => void;
} {
  const frames: Frame[] = [];
  let playedMs = 0;
  const playout = new Playout({
    played(pcm, count, rate, atMs) {
      assert.equal(rate, 8000);
      frames.push({ value: pcm[count >> 1], playedMs, atMs });
    },
  });
  const codec = createFrameCodec('PCMU', { use: 'decode' });
  const header = Object.assign(new RtpHeader(), { payloadLength: 160, ssrc: 1 });
  return {
    frames,
    playout,
    put(sequence, arrivalMs, value = 4000) {
      const packet = new Uint8Array(160).fill(LINEAR_TO_PCMU[value]);
      Object.assign(header, { sequence, timestamp: sequence * 160 });
      playout.put(codec, packet, header, arrivalMs);
    },
    run(fromMs, toMs) {
      for (playedMs = fromMs; playedMs < toMs; playedMs += 20) playout.tick(playedMs);
    },
  };
}

describe('media: playout of received audio', () => {
  it('hands out reordered packets in order, each once, at an even pace', () => {
    const { frames, playout, put, run } = rig();
    const order = [0, 1, 3, 2, 4, 5, 7, 6, 8, 9];
    order.forEach((sequence, index) => {
      run(20 * index, 20 * index + 20);
      put(sequence, 20 * index + 5, 1000 * (sequence + 1));
    });
    run(200, 400);
    const played = frames.filter(({ value }) => value !== 0).slice(0, 10);
    played.forEach(({ value, playedMs, atMs }, index) => {
      assert.ok(Math.abs(value - 1000 * (index + 1)) < 300, `${value}`);
      if (index > 0) assert.equal(playedMs - played[index - 1].playedMs, 20);
      assert.ok(Math.abs(atMs - 20 * index) < 40, `${atMs} ms`);
    });
    assert.equal(playout.losses.figures(20).missing, 0);
    assert.equal(playout.counts.late, 0);
  });

  it('conceals what is lost and counts it', () => {
    const { frames, playout, put, run } = rig();
    for (let sequence = 0; sequence < 50; sequence++) {
      run(20 * sequence, 20 * sequence + 20);
      if (sequence % 10 !== 5) put(sequence, 20 * sequence + 1);
    }
    run(1000, 1100);
    const { expected, missing } = playout.losses.figures(20);
    assert.deepEqual([expected, missing], [50, 5]);
    // A lost packet is filled with something like its neighbours, not with silence.
    const inside = frames.slice(3, 45);
    assert.ok(inside.every(({ value }) => Math.abs(value) > 100));
  });

  it('a packet that comes too late is counted, not played', () => {
    const { playout, put, run } = rig();
    for (let sequence = 0; sequence < 20; sequence++) {
      run(20 * sequence, 20 * sequence + 20);
      if (sequence !== 8) put(sequence, 20 * sequence + 1);
      if (sequence === 18) put(8, 20 * sequence + 2);
    }
    assert.equal(playout.counts.late, 1);
    assert.equal(playout.losses.figures(20).missing, 1);
  });

  it('nothing is played after a reset until packets come again', () => {
    const { frames, playout, put, run } = rig();
    put(0, 0);
    put(1, 1);
    playout.reset();
    run(0, 400);
    assert.equal(frames.length, 0);
    put(2, 400);
    run(400, 600);
    assert.ok(frames.length > 0);
  });
});

describe('media: settings of playout', () => {
  /** Levels of 50 packets of which every tenth is lost, and what was counted. */
  function played(configure: (playout: Playout) => void): {
    playout: Playout;
    silent: number;
    firstMs: number;
  } {
    const { frames, playout, put, run } = rig();
    configure(playout);
    for (let sequence = 0; sequence < 50; sequence++) {
      if (sequence % 10 !== 5) put(sequence, 20 * sequence);
      run(20 * sequence, 20 * sequence + 20);
    }
    run(1000, 1400);
    const heard = frames.slice(0, 50);
    return {
      playout,
      silent: heard.filter(({ value }) => value === 0).length,
      firstMs: frames[0].playedMs,
    };
  }

  it('off: packets are heard as they come and nothing is filled in', () => {
    const { playout, silent, firstMs } = played((it) => it.configure({ mode: 'off' }));
    assert.equal(firstMs, 0);
    assert.equal(silent, 0);
    assert.deepEqual([playout.counts.inTime, playout.counts.lost, playout.counts.concealed], [45, 5, 0]);
    assert.equal(playout.delayMs, 0);
  });

  it('fixed: one delay, also a long one', () => {
    for (const delayMs of [40, 100, 400]) {
      const { playout, firstMs } = played((it) => it.configure({ mode: 'fixed', delayMs }));
      assert.equal(firstMs, delayMs);
      assert.equal(playout.delayMs, delayMs);
      assert.equal(playout.counts.late + playout.counts.discarded, 0);
    }
  });

  it('concealment `none` leaves losses silent; the figures know', () => {
    const concealed = played((it) => it.configure({ mode: 'fixed', delayMs: 40 }));
    const plain = played((it) => it.configure({ mode: 'fixed', delayMs: 40 }, 'none'));
    assert.ok(concealed.playout.conceals && !plain.playout.conceals);
    assert.ok(plain.silent >= concealed.silent + 5, `${plain.silent} and ${concealed.silent} silent frames`);
  });

  it('keeps the counts over a change of settings, and refuses impossible ones', () => {
    const { playout } = played(() => undefined);
    const { inTime, lost } = playout.counts;
    assert.deepEqual([inTime, lost], [45, 5]);
    playout.configure({ mode: 'fixed', delayMs: 100 });
    assert.deepEqual([playout.counts.inTime, playout.counts.lost], [45, 5]);
    assert.throws(() => playout.configure({ mode: 'fixed', delayMs: 5000 }), { code: 'BAD_CONFIG' });
    assert.throws(() => playout.configure({ mode: 'adaptive', minDelayMs: 300 }), { code: 'BAD_CONFIG' });
  });
});

describe('media: comfort noise (RFC 3389)', () => {
  it('fills the pause of the peer at its level and is no loss; events are followed by silence', () => {
    const levels: number[] = [];
    const playout = new Playout({
      played: (pcm, count) => void levels.push(levelDbfs(pcm.subarray(0, count))),
    });
    const codec = createFrameCodec('PCMU', { use: 'decode' });
    const header = Object.assign(new RtpHeader(), { ssrc: 1 });
    const speech = new Uint8Array(160).fill(LINEAR_TO_PCMU[4000]);
    const at = (sequence: number, time: number, length: number): RtpHeader =>
      Object.assign(header, { sequence, timestamp: 8 * time, payloadLength: length });
    const runTo = (ms: number): void => {
      for (; clock < ms; clock += 20) playout.tick(clock);
    };
    let clock = 0;
    for (let packet = 0; packet < 10; packet++) {
      playout.put(codec, speech, at(packet, 20 * packet, 160), 20 * packet);
      runTo(20 * packet + 20);
    }
    playout.putNoise(Uint8Array.of(40), at(10, 200, 1));
    runTo(600);
    const noise = levels.filter((level) => level < -30);
    assert.ok(noise.length >= 10);
    assert.ok(noise.every((level) => Math.abs(level + 40) < 3));
    playout.putOther(at(11, 600, 4));
    levels.length = 0;
    runTo(800);
    assert.ok(levels.length >= 5 && levels.every((level) => level === -Infinity));
    assert.equal(playout.losses.figures(20).missing, 0);
  });
});

describe('media: silence of the peer', () => {
  const PEER: Partial<MediaParameters> = {
    direction: 'sendrecv',
    remote: { address: '127.0.0.1', rtpPort: 4000, rtcpPort: 4001 },
  };
  const configured = (changes: Partial<MediaParameters>): SilenceWatch => {
    const watch = new SilenceWatch(0);
    watch.configure({ ...PEER, ...changes } as MediaParameters);
    return watch;
  };

  it('is reported once, and again after packets came', () => {
    const watch = configured({ rtpTimeoutMs: 1000 });
    assert.equal(watch.check(999, 0), false);
    assert.equal(watch.check(1000, 0), true);
    assert.equal(watch.check(1020, 0), false);
    assert.equal(watch.check(1100, 1050), false);
    assert.equal(watch.check(2050, 1050), true);
  });

  it('after 20 s by default, never when switched off', () => {
    assert.equal(configured({}).check(19_999, 0), false);
    assert.equal(configured({}).check(20_000, 0), true);
    assert.equal(configured({ rtpTimeoutMs: 0 }).check(1e9, 0), false);
  });

  it('is allowed during a hold, after which the peer has the whole time again', () => {
    const watch = configured({ direction: 'sendonly', rtpTimeoutMs: 1000 });
    assert.equal(watch.check(5000, 0), false);
    watch.configure({ ...PEER, rtpTimeoutMs: 1000 } as MediaParameters);
    assert.equal(watch.check(5900, 0), false);
    assert.equal(watch.check(6000, 0), true);
  });
});
