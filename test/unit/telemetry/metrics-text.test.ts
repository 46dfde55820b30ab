import assert from 'node:assert/strict';
import { hepDestination } from '../../../lib/telemetry';
import { Counter, Histogram } from '../../../lib/telemetry/metrics/family';
import { contentType, metricsText, negotiate } from '../../../lib/telemetry/metrics/text';
import { buildFamily } from '../../../lib/telemetry/metrics/process-metrics';
import { seldom } from '../../../lib/telemetry/hep/sink';

describe('the text of metrics', () => {
  const calls = new Counter({ name: 'x_calls', help: 'Calls, "by" way.\nSecond \\ line.' }, [
    { way: 'in' },
    { way: 'a "b"\\\n' },
  ]);
  calls.add(0, 3);
  const wait = new Histogram({ name: 'x_wait_seconds', unit: 'seconds', help: 'Wait.' }, [0.5, 1]);
  for (const value of [0, 0.5, 0.7, 1.5, NaN, -1, Infinity]) wait.observe(value);

  it('is OpenMetrics: names, units, suffixes, buckets that add up, and an end', () => {
    assert.equal(
      metricsText([calls, wait], 'openmetrics'),
      [
        '# TYPE x_calls counter',
        '# HELP x_calls Calls, \\"by\\" way.\\nSecond \\\\ line.',
        'x_calls_total{way="in"} 3',
        'x_calls_total{way="a \\"b\\"\\\\\\n"} 0',
        '# TYPE x_wait_seconds histogram',
        '# UNIT x_wait_seconds seconds',
        '# HELP x_wait_seconds Wait.',
        'x_wait_seconds_bucket{le="0.5"} 2',
        'x_wait_seconds_bucket{le="1.0"} 3',
        'x_wait_seconds_bucket{le="+Inf"} 4',
        'x_wait_seconds_count 4',
        'x_wait_seconds_sum 2.7',
        '# EOF',
        '',
      ].join('\n'),
    );
  });

  it('is the older form for those who know no other: no units, no end, counters by their whole name', () => {
    assert.equal(
      metricsText([calls, buildFamily('1.2.3')], 'prometheus'),
      [
        '# TYPE x_calls_total counter',
        '# HELP x_calls_total Calls, "by" way.\\nSecond \\\\ line.',
        'x_calls_total{way="in"} 3',
        'x_calls_total{way="a \\"b\\"\\\\\\n"} 0',
        '# TYPE sipflow_build_info gauge',
        '# HELP sipflow_build_info Versions of SIPFLOW and of its runtime.',
        `sipflow_build_info{version="1.2.3",nodejs="${process.versions.node}"} 1`,
        '',
      ].join('\n'),
    );
    assert.match(contentType('prometheus'), /^text\/plain; version=0\.0\.4/);
    assert.match(contentType('openmetrics'), /^application\/openmetrics-text; version=1\.0\.0/);
  });

  it('has the form that the client likes better', () => {
    for (const [accept, format] of [
      [undefined, 'openmetrics'],
      ['', 'openmetrics'],
      ['*/*', 'openmetrics'],
      ['text/html,application/xhtml+xml,*/*;q=0.8', 'openmetrics'],
      // Prometheus 3, 2.49, 2.5 and 2.4.
      [
        'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.5,*/*;q=0.1',
        'openmetrics',
      ],
      ['application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'openmetrics'],
      [
        'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1',
        'prometheus',
      ],
      ['text/plain', 'prometheus'],
      ['TEXT/PLAIN;Q=0.9, application/openmetrics-text;q=0', 'prometheus'],
      ['text/*;q=0.9,*/*;q=0.1', 'prometheus'],
      ['image/png', 'openmetrics'],
      [`${'a,'.repeat(10_000)}text/plain`, 'openmetrics'],
      [';;;q=,/,q=2', 'openmetrics'],
    ] as const) {
      assert.equal(negotiate(accept), format, accept?.slice(0, 80));
    }
  });
});

describe('the address of a collector', () => {
  it('is a host with a port, UDP unless it says TCP', () => {
    for (const [text, transport, host, port] of [
      ['homer.example.com:9061', 'udp', 'homer.example.com', 9061],
      [' tcp://192.0.2.1:9060 ', 'tcp', '192.0.2.1', 9060],
      ['UDP://homer', 'udp', 'homer', 9060],
      ['tcp://[2001:db8::1]:9', 'tcp', '2001:db8::1', 9],
      ['[::1]', 'udp', '::1', 9060],
      ['heplify-server_1:9060', 'udp', 'heplify-server_1', 9060],
    ] as const) {
      assert.deepEqual(hepDestination(text), { transport, host, port }, text);
    }
  });

  it('is refused with a sentence otherwise', () => {
    const wrong = [
      'homer:0',
      'homer:65536',
      'homer:x',
      'tls://homer:1',
      'http://homer',
      'a b',
      ':9060',
      '::1',
      '[x]:1',
      '[fe80]:1',
      'tcp://',
      'a:1/b',
      '-a:1',
    ];
    for (const text of wrong) {
      assert.throws(() => hepDestination(text), { code: 'BAD_CONFIG', field: 'hep' }, text);
    }
    assert.throws(
      () => hepDestination('x'.repeat(1e5) + ' '),
      (error: Error) => error.message.length < 250,
    );
  });

  it('is complained about at most once in ten minutes', () => {
    let now = 0;
    const told: string[] = [];
    const tell = seldom(
      (problem) => told.push(problem.message),
      () => now,
    );
    for (const minute of [0, 1, 9, 11, 12, 30]) {
      now = minute * 60_000;
      tell(new Error(String(minute)));
    }
    assert.deepEqual(told, ['0', '11', '30']);
  });
});
