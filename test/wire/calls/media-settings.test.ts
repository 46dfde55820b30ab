import assert from 'node:assert/strict';
import { connect, Phones } from '../../support/phones';

describe('media settings of a phone', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  it('sets the delay of the jitter buffer and how losses are filled in', async () => {
    const caller = await phones.phone('1001');
    const callee = await phones.phone('1002', {
      jitterBuffer: { mode: 'fixed', delayMs: 140 },
      concealment: 'none',
    });
    const { out, in: answered } = await connect(caller, callee);
    const playback = await out.play({ source: 'tone:440', maxDuration: 0.3 });
    await playback.finished;
    const { rtp } = await answered.info();
    assert.equal(rtp?.received.jitterBufferMs, 140);
    assert.ok((rtp.received.jitterBuffer?.inTime ?? 0) > 5);
    await out.hangup();
  });

  it('reports the figures of a call at an interval, when asked to', async () => {
    const caller = await phones.phone('1001', { statisticsInterval: 0.1 });
    const callee = await phones.phone('1002');
    const { out, in: answered } = await connect(caller, callee);
    const seen: number[] = [];
    answered.on('statistics', () => assert.fail('nobody asked for it'));
    await new Promise<void>((resolve) => {
      out.on('statistics', ({ received, receivedSilenceShare }) => {
        if (received.packets === 0) return;
        if (receivedSilenceShare === undefined) return;
        assert.equal(receivedSilenceShare, 1);
        if (seen.push(received.packets) === 2) resolve();
      });
    });
    assert.ok(seen[1] > seen[0]);
    await out.hangup();
  });

  it('refuses a delay out of range, naming it', async () => {
    const start = phones.phone('1003', { jitterBuffer: { mode: 'adaptive', maxDelayMs: 9000 } });
    await assert.rejects(start, { code: 'BAD_CONFIG', message: /9000/ });
  });
});
