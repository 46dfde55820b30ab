import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createWorld } from '../../lib/calls';
import { createTelemetry } from '../../lib/telemetry';
import { requireOfNodeRed } from '../support/node-red-path';
import { root } from './support/node-red';

const FOLDER = join(root, 'docs', 'monitoring');
const { load } = requireOfNodeRed('js-yaml') as { load: (text: string) => unknown };
const yaml = (path: string): unknown => load(readFileSync(join(FOLDER, path), 'utf8'));

interface Service {
  image: string;
  environment?: Record<string, string>;
  volumes?: string[];
  depends_on?: string[] | Record<string, unknown>;
}
interface Panel {
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string; refId: string }[];
}

/** Names of the samples, with the values that each of their labels has. */
function samples(): Map<string, Map<string, Set<string>>> {
  const { body } = createTelemetry(createWorld()).metrics();
  const found = new Map<string, Map<string, Set<string>>>();
  for (const [, name, labels = ''] of body.matchAll(/^(sipflow_\w+)(?:\{(.*)\})? \S+$/gm)) {
    const known = found.get(name) ?? new Map<string, Set<string>>();
    found.set(name, known);
    for (const [, label, value] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
  }
  return found;
}

/** What a query asks for that there is not: names, labels, values of labels, and labels to sum by. */
function unknownIn(query: string, known: ReturnType<typeof samples>): string[] {
  const wrong: string[] = [];
  for (const [, name, , selector = ''] of query.matchAll(/(sipflow_\w+)(\{([^}]*)\})?/g)) {
    const labels = known.get(name);
    if (!labels) {
      wrong.push(name);
      continue;
    }
    for (const [, label, operator, value] of selector.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)) {
      // `instance` is the scraper's own.
      if (label === 'instance') continue;
      if (!labels.has(label)) wrong.push(`${name}{${label}}`);
      else if (operator !== '=~' && !labels.get(label)?.has(value))
        wrong.push(`${name}{${label}="${value}"}`);
    }
    for (const [, by] of query.matchAll(/by \(([^)]*)\)/g)) {
      for (const label of by.split(/\s*,\s*/)) {
        if (label !== 'instance' && !labels.has(label)) wrong.push(`${name} by ${label}`);
      }
    }
  }
  return wrong;
}

describe('the monitoring that is documented', () => {
  const known = samples();
  const dashboard = JSON.parse(readFileSync(join(FOLDER, 'grafana/dashboards/sipflow.json'), 'utf8')) as {
    panels: Panel[];
    templating: { list: { name: string; query: string }[] };
  };
  const rules = (
    yaml('prometheus/alerts.yml') as {
      groups: { rules: { alert: string; expr: string; annotations: object }[] }[];
    }
  ).groups.flatMap((group) => group.rules);

  it('would notice a query of what there is not', () => {
    assert.deepEqual(unknownIn('rate(sipflow_calls{outcome="busy"}[5m])', known), ['sipflow_calls']);
    assert.deepEqual(unknownIn('sum by (phone) (sipflow_calls_total{outcome="bsy",codec="x"})', known), [
      'sipflow_calls_total{outcome="bsy"}',
      'sipflow_calls_total{codec}',
      'sipflow_calls_total by phone',
    ]);
  });

  it('asks only for metrics, labels and values that there are', () => {
    const queries = [
      ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr])),
      ...dashboard.templating.list.map(({ name, query }) => [name, query]),
      ...rules.map(({ alert, expr }) => [alert, expr]),
    ];
    assert.ok(queries.length > 30, String(queries.length));
    for (const [title, query] of queries) assert.deepEqual(unknownIn(query, known), [], title);
  });

  it('shows every metric on the dashboard, in panels that do not overlap', () => {
    const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
    const families = [...known.keys()].map((name) => name.replace(/_(bucket|count|sum)$/, ''));
    for (const family of new Set(families)) assert.ok(shown.includes(family), family);
    const cells = new Set<string>();
    for (const { title, gridPos: at } of dashboard.panels) {
      assert.ok(at.x + at.w <= 24, title);
      for (let x = at.x; x < at.x + at.w; x++) {
        for (let y = at.y; y < at.y + at.h; y++) {
          assert.ok(!cells.has(`${x} ${y}`), `${title} at ${x} ${y}`);
          cells.add(`${x} ${y}`);
        }
      }
    }
  });

  it('has services whose files, volumes and dependencies are there, and a scraper that finds the metrics', () => {
    const compose = yaml('compose.yaml') as {
      services: Record<string, Service>;
      volumes: Record<string, unknown>;
    };
    for (const [name, service] of Object.entries(compose.services)) {
      for (const volume of service.volumes ?? []) {
        const [source] = volume.split(':');
        assert.ok(
          source.startsWith('.') ? existsSync(join(FOLDER, source)) : source in compose.volumes,
          `${name} ${source}`,
        );
      }
      for (const needed of [service.depends_on ?? []]
        .flat()
        .flatMap((each) => (typeof each === 'string' ? each : Object.keys(each)))) {
        assert.ok(needed in compose.services, `${name} needs ${needed}`);
      }
    }
    const scraper = yaml('prometheus/prometheus.yml') as {
      rule_files: string[];
      scrape_configs: { metrics_path: string; static_configs: { targets: string[] }[] }[];
    };
    const [{ metrics_path: path, static_configs: targets }] = scraper.scrape_configs;
    const port = compose.services['node-red'].environment?.SIPFLOW_METRICS_PORT;
    assert.deepEqual([path, targets[0].targets], ['/metrics', [`node-red:${port}`]]);
    for (const file of scraper.rule_files) assert.ok(existsSync(join(FOLDER, 'prometheus', file)), file);
    const provider = yaml('grafana/provisioning/dashboards/sipflow.yml') as {
      providers: { options: { path: string } }[];
    };
    const mounted = compose.services.grafana.volumes?.find((volume) =>
      volume.includes(`:${provider.providers[0].options.path}:`),
    );
    assert.equal(mounted?.split(':')[0], `./${dirname('grafana/dashboards/sipflow.json')}`);
  });

  it('has a table with every metric, its type and its labels', () => {
    const text = readFileSync(join(FOLDER, 'README.md'), 'utf8');
    const { body } = createTelemetry(createWorld()).metrics();
    const types = new Map([...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
    const suffix: Record<string, string> = { counter: '_total', info: '_info' };
    const rows = [...text.matchAll(/^\| `(sipflow_\w+)` +\| (\w+) +\| ([^|]*?) *\| /gm)];
    assert.deepEqual(
      rows.map(([, name, type]) => `${name} ${type}`).sort(),
      [...types].map(([name, type]) => `${name}${suffix[type] ?? ''} ${type}`).sort(),
    );
    for (const [, name, type, labels] of rows) {
      const sample = type === 'histogram' ? `${name}_count` : name;
      assert.deepEqual(
        [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(),
        [...(known.get(sample)?.keys() ?? [])].sort(),
        name,
      );
    }
    for (const outcome of known.get('sipflow_calls_total')?.get('outcome') ?? []) {
      assert.ok(text.includes(`\`${outcome}\``), outcome);
    }
  });
});
