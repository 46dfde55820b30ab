import assert from 'node:assert/strict';
import {
  codecImpairment,
  estimateQuality,
  meanOpinionScore,
  mouthToEarMs,
} from '../../../lib/media/quality/index';

const mos = (lossPercent: number, concealment: boolean, burstRatio = 1, delayMs = 0): number =>
  meanOpinionScore({ lossShare: lossPercent / 100, concealment, burstRatio, delayMs, codec: 'PCMU' });

describe('E-model (ITU-T G.107)', () => {
  for (const [lossPercent, concealment, expected] of [
    [0, true, 4.41],
    [0, false, 4.41],
    [1, true, 4.33],
    [1, false, 3.83],
    [5, true, 3.92],
    [5, false, 2.17],
  ] as const) {
    it(`G.711 with ${lossPercent} % loss, ${concealment ? 'concealed' : 'not concealed'}: ${expected}`, () => {
      assert.equal(mos(lossPercent, concealment).toFixed(2), expected.toFixed(2));
    });
  }

  it('rates 93.2 without impairment', () => {
    assert.equal(estimateQuality({ lossShare: 0, delayMs: 0, concealment: true }).rating, 93.2);
  });

  it('delay costs nothing up to 100 ms, 3.0 at 200 ms and 24.1 at 400 ms', () => {
    const rating = (delayMs: number): number =>
      estimateQuality({ lossShare: 0, delayMs, concealment: true }).rating;
    assert.equal(rating(100), 93.2);
    assert.equal((93.2 - rating(200)).toFixed(1), '3.0');
    assert.equal((93.2 - rating(400)).toFixed(1), '24.1');
  });

  it('bursts cost more than random loss of the same amount', () => {
    assert.ok(mos(5, true, 2) < mos(5, true, 1));
    // Ie,eff = 95 · 5 / (5 / 4 + 25.1) = 18.03 (ITU-T G.107, 7.5).
    const { rating } = estimateQuality({ lossShare: 0.05, burstRatio: 4, delayMs: 0, concealment: true });
    assert.equal((93.2 - rating).toFixed(2), '18.03');
    assert.equal(mos(5, true, 0.5), mos(5, true, 1), 'sparser than random is no bonus');
  });

  it('stays between 1 and 4.5 and falls with every impairment', () => {
    let last = 5;
    for (let lossPercent = 0; lossPercent <= 100; lossPercent++) {
      const score = mos(lossPercent, false, 3, 250);
      assert.ok(score >= 1 && score <= 4.5 && score <= last, `${lossPercent} %: ${score}`);
      last = score;
    }
    assert.equal(mos(100, true, 1000, 10000), 1);
    for (const bad of [-1, 2, NaN]) {
      const score = meanOpinionScore({ lossShare: bad, delayMs: -5, concealment: true });
      assert.ok(score >= 1 && score <= 4.5, `${bad}: ${score}`);
    }
  });

  it('says which figures stand in for a codec that G.113 does not rate on this scale', () => {
    assert.deepEqual(codecImpairment('PCMA', false), { impairment: 0, robustness: 4.3, basis: 'G.113' });
    assert.deepEqual(codecImpairment('G722', true), { impairment: 0, robustness: 25.1, basis: 'assumed' });
    assert.equal(codecImpairment('OPUS', false).robustness, 25.1, 'it conceals by itself');
  });

  it('adds up the delay from mouth to ear', () => {
    assert.equal(mouthToEarMs({ rttMs: 60, jitterBufferMs: 40, ptimeMs: 20, codec: 'PCMU' }), 90);
    assert.equal(mouthToEarMs({ jitterBufferMs: 60, ptimeMs: 20, codec: 'OPUS' }), 86.5);
  });
});
