import type { Report, Verdict } from '../types';

/**
 * One report of several, such as the shards of a run. Shards come in their order, other reports as they are given. A
 * verdict that is in two of them is taken once, the one that began last. The duration is from the first start to the
 * last end, since shards run side by side.
 */
export function mergeReports(reports: readonly Report[]): Report {
  const ordered = [...reports].sort((a, b) => (a.shard?.index ?? 0) - (b.shard?.index ?? 0));
  const verdicts = new Map<string, Verdict>();
  for (const verdict of ordered.flatMap((report) => report.verdicts)) {
    const other = verdicts.get(verdict.id);
    if (!other || Date.parse(other.startedAt) < Date.parse(verdict.startedAt))
      verdicts.set(verdict.id, verdict);
  }
  const starts = ordered.map(({ startedAt }) => Date.parse(startedAt));
  const ends = ordered.map(({ durationMs }, index) => starts[index] + durationMs);
  const began = Math.min(...starts);
  return {
    format: 'sipflow-report/1',
    startedAt: new Date(Number.isFinite(began) ? began : 0).toISOString(),
    durationMs: ends.length > 0 ? Math.max(...ends) - began : 0,
    versions: mergedVersions(ordered),
    verdicts: [...verdicts.values()],
  };
}

/** By name; where reports differ, each version once: `22.9.0, 24.1.0`. */
function mergedVersions(reports: readonly Report[]): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const [name, version] of reports.flatMap(({ versions }) => Object.entries(versions))) {
    found.set(name, (found.get(name) ?? new Set()).add(version));
  }
  return Object.fromEntries([...found].map(([name, versions]) => [name, [...versions].join(', ')]));
}
