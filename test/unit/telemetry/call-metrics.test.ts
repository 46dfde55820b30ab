import assert from 'node:assert/strict';
import type { CallInfo } from '../../../lib/calls';
import { CallMetrics, outcomeOf } from '../../../lib/telemetry/metrics/call-metrics';
import { metricsText } from '../../../lib/telemetry/metrics/text';
import { MediaMeters, WorkerMeter } from '../../../lib/media/meters';

const INFO: CallInfo = {
  state: 'ended',
  direction: 'out',
  codec: 'PCMU',
  dtmfMethod: null,
  srtp: false,
  startedAt: '2026-12-01T03:00:00.000Z',
  answeredAt: '2026-12-01T03:00:00.300Z',
  endedAt: '2026-12-01T03:00:10.300Z',
  durationMs: 10_000,
  endedBy: 'local',
  status: 200,
  reason: 'OK',
  headers: { From: ['<sip:secret@example.com>'] },
  rtp: {
    sent: { packets: 500, bytes: 80_000 },
    received: {
      packets: 490,
      bytes: 78_400,
      lost: 10,
      duplicates: 0,
      outOfOrder: 0,
      jitterMs: 3,
      discarded: 0,
    },
    skippedTicks: 0,
    maxLagMs: 1,
    receivedLevelDbfs: -20,
    ssrc: 1,
  },
  mos: 4.25,
};

const text = (metrics: CallMetrics): string => metricsText(metrics.families, 'openmetrics');
const line = (metrics: CallMetrics, start: string): string | undefined =>
  text(metrics)
    .split('\n')
    .find((each) => each.startsWith(start));

describe('metrics of calls', () => {
  it('name each outcome once, by status and who ended it', () => {
    for (const [answered, status, endedBy, outcome] of [
      [true, 200, 'remote', 'answered'],
      [true, 487, 'error', 'answered'],
      [false, 486, 'remote', 'busy'],
      [false, 600, 'remote', 'busy'],
      [false, 408, 'local', 'no_answer'],
      [false, 480, 'local', 'no_answer'],
      [false, 487, 'remote', 'cancelled'],
      [false, 180, 'local', 'cancelled'],
      [false, null, 'remote', 'cancelled'],
      [false, null, 'error', 'failed'],
      [false, 302, 'remote', 'redirected'],
      [false, 404, 'remote', 'rejected'],
      [false, 603, 'remote', 'rejected'],
      [false, 503, 'remote', 'failed'],
      [false, 699, 'remote', 'rejected'],
    ] as const) {
      const answeredAt = answered ? INFO.answeredAt : null;
      assert.equal(outcomeOf({ answeredAt, status, endedBy }), outcome, String(status));
    }
  });

  it('count what began, what is over and what runs, and measure what was answered', () => {
    const metrics = new CallMetrics();
    for (let call = 0; call < 3; call++) metrics.started('out');
    metrics.started('in');
    metrics.ended(INFO);
    metrics.ended({ ...INFO, answeredAt: null, status: 486, rtp: null, mos: null });
    for (const [start, value] of [
      ['sipflow_calls_started_total{direction="out"}', 3],
      ['sipflow_calls_total{direction="out",outcome="answered"}', 1],
      ['sipflow_calls_total{direction="out",outcome="busy"}', 1],
      ['sipflow_calls_total{direction="in",outcome="answered"}', 0],
      ['sipflow_calls_running{direction="out"}', 1],
      ['sipflow_calls_running{direction="in"}', 1],
      ['sipflow_call_setup_seconds_bucket{direction="out",le="0.25"}', 0],
      ['sipflow_call_setup_seconds_bucket{direction="out",le="0.5"}', 1],
      ['sipflow_call_setup_seconds_sum{direction="out"}', 0.3],
      ['sipflow_call_duration_seconds_sum{direction="out"}', 10],
      ['sipflow_call_mos_bucket{le="4.2"}', 0],
      ['sipflow_call_mos_bucket{le="4.3"}', 1],
      ['sipflow_call_loss_ratio_sum', 0.02],
      ['sipflow_call_jitter_seconds_sum', 0.003],
      ['sipflow_calls_without_audio_total', 0],
    ] as const) {
      assert.equal(line(metrics, start), `${start} ${value}`);
    }
  });

  it('tell an answered call to which nothing came, and not one without media', () => {
    const metrics = new CallMetrics();
    const { rtp } = INFO;
    assert.ok(rtp);
    metrics.ended({
      ...INFO,
      mos: null,
      rtp: { ...rtp, received: { ...rtp.received, packets: 0, lost: 0 } },
    });
    metrics.ended({
      ...INFO,
      mos: null,
      rtp: { ...rtp, sent: { packets: 0, bytes: 0 }, received: { ...rtp.received, packets: 0, lost: 0 } },
    });
    assert.equal(line(metrics, 'sipflow_calls_without_audio_total'), 'sipflow_calls_without_audio_total 1');
    assert.equal(line(metrics, 'sipflow_call_loss_ratio_count'), 'sipflow_call_loss_ratio_count 0');
  });

  it('stay of one size, whatever calls say', () => {
    const metrics = new CallMetrics();
    const before = text(metrics).split('\n').length;
    for (let call = 0; call < 5000; call++) {
      const direction = call % 2 === 0 ? 'in' : 'out';
      metrics.started(direction);
      metrics.ended({
        ...INFO,
        direction,
        codec: `X${call}`,
        status: 300 + (call % 400),
        answeredAt: null,
        reason: `r${call}`,
      });
    }
    assert.equal(text(metrics).split('\n').length, before);
    assert.doesNotMatch(text(metrics), /secret|X\d/);
    assert.equal(
      line(metrics, 'sipflow_calls_running{direction="in"}'),
      'sipflow_calls_running{direction="in"} 0',
    );
  });
});

describe('the figures of media workers', () => {
  it('are counted in shared memory, and outlive their worker', () => {
    const meters = new MediaMeters();
    const [first, second] = [meters.hire(), meters.hire()];
    const worker = new WorkerMeter(first);
    for (const lateMs of [-0.5, 0.2, 1, 1.5, 7, 99, 5000]) worker.kept(lateMs * 1000);
    worker.skipped(250);
    worker.unsent();
    worker.unsent();
    new WorkerMeter(second).kept(3000);
    const expected = {
      skippedDeadlines: 250,
      unsentPackets: 2,
      lag: { boundsMs: [1, 2, 5, 10, 20, 50, 100], counts: [3, 1, 1, 1, 0, 0, 1, 1], sumMs: 5111.7 },
    };
    assert.deepEqual(meters.load, { workers: 2, ...expected });
    meters.retire(first);
    meters.retire(first);
    assert.deepEqual(meters.load, { workers: 1, ...expected });
  });
});
