import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergeFiles, mergeReports, reportJson, summaryOf, type Report } from '../../../lib/testing';
import { attempt, evidence, failedAttempt, report, verdict } from './reports';

const whole = report(
  Array.from({ length: 9 }, (_, index) =>
    verdict({ title: `Case ${index}`, attempts: [index % 4 === 1 ? failedAttempt() : attempt()] }),
  ),
);

/** A part of it, as a run with `--shard` makes it. */
function shard(index: number): Report {
  const verdicts = whole.verdicts.slice((index - 1) * 3, index * 3);
  return { ...whole, verdicts, shard: { index, of: 3 } };
}

describe('merged reports', () => {
  it('of all shards are the report of the whole run, in whatever order they come', () => {
    assert.deepEqual(mergeReports([shard(3), shard(1), shard(2)]), whole);
  });

  it('last from the first start to the last end', () => {
    const later = { ...shard(2), startedAt: '2026-11-30T12:00:10.000Z', durationMs: 20_000 };
    const merged = mergeReports([shard(1), later]);
    assert.deepEqual([merged.startedAt, merged.durationMs], [whole.startedAt, 30_000]);
  });

  it('have a verdict once that two of them hold, the later one', () => {
    const again = { ...whole.verdicts[1], status: 'passed' as const, startedAt: '2026-11-30T13:00:00.000Z' };
    const merged = mergeReports([report([again]), whole]);
    assert.equal(merged.verdicts.length, 9);
    assert.deepEqual(summaryOf(merged.verdicts), { total: 9, passed: 8, failed: 1, flaky: 0, skipped: 0 });
  });

  it('name each version', () => {
    const other = { ...shard(2), versions: { ...whole.versions, node: '24.1.0' } };
    assert.equal(mergeReports([shard(1), other]).versions.node, '22.9.0, 24.1.0');
  });

  it('of none are an empty report', () => assert.deepEqual(mergeReports([]).verdicts, []));

  it('find the files of each from where they are written', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-merge-'));
    try {
      const files = ['a', 'b'].map((name) => {
        const recordings = [`${name}.wav`, join(folder, 'elsewhere.wav')];
        mkdirSync(join(folder, name));
        const part = report([
          verdict({ attempts: [attempt({ calls: [evidence({ recordings, pcap: 'x.pcap' })] })] }),
        ]);
        writeFileSync(join(folder, name, 'report.json'), reportJson(part));
        return join(folder, name, 'report.json');
      });
      const merged = await mergeFiles(files, join(folder, 'all'));
      assert.deepEqual(
        merged.verdicts.map(({ attempts: [{ calls }] }) => [...calls[0].recordings, calls[0].pcap]),
        [
          ['../a/a.wav', '../elsewhere.wav', '../a/x.pcap'],
          ['../b/b.wav', '../elsewhere.wav', '../b/x.pcap'],
        ],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
