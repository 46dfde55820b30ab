import type { Family, Labels, Sample } from './family';

/** Forms of the text: OpenMetrics 1.0.0, and the older one of Prometheus. */
export type MetricsFormat = 'openmetrics' | 'prometheus';

const TYPES: Readonly<Record<MetricsFormat, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
};
/** Suffix of all samples of a type. */
const SUFFIXES: Partial<Record<Family['type'], string>> = { counter: '_total', info: '_info' };
/** Characters of the Accept field that are read, and entries in it. */
const MOST_ACCEPTED = 2048;
const MOST_ENTRIES = 32;

/** Content-Type of a form. */
export function contentType(format: MetricsFormat): string {
  return TYPES[format];
}

/**
 * The form that a client wants, by its Accept field (RFC 9110, 12.5.1): OpenMetrics, unless it likes `text/plain`
 * better, as scrapers do that are older than OpenMetrics. Without the field, or for a client that wants neither, OpenMetrics.
 */
export function negotiate(accept: string | undefined): MetricsFormat {
  if (!accept) return 'openmetrics';
  const ranges = accept.slice(0, MOST_ACCEPTED).split(',', MOST_ENTRIES).map(mediaRange);
  const weight = (type: string): number => {
    const [main] = type.split('/');
    for (const wanted of [type, `${main}/*`, '*/*']) {
      const found = ranges.filter(({ name }) => name === wanted).map(({ quality }) => quality);
      if (found.length > 0) return Math.max(...found);
    }
    return 0;
  };
  return weight('text/plain') > weight('application/openmetrics-text') ? 'prometheus' : 'openmetrics';
}

function mediaRange(text: string): { name: string; quality: number } {
  const [name, ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((each) => each.startsWith('q='));
  const quality = q === undefined ? 1 : Number(q.slice(2));
  return { name, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The families as text. */
export function metricsText(families: readonly Family[], format: MetricsFormat): string {
  const text = families.map((family) => familyText(family, format)).join('');
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

function familyText(family: Family, format: MetricsFormat): string {
  const open = format === 'openmetrics';
  const { name, type, unit, help } = family;
  // The older form knows neither information nor units, and its counters have their whole name in the head.
  const title = open ? name : name + (SUFFIXES[type] ?? '');
  const lines = [`# TYPE ${title} ${!open && type === 'info' ? 'gauge' : type}`];
  if (open && unit !== undefined) lines.push(`# UNIT ${title} ${unit}`);
  lines.push(`# HELP ${title} ${escapeHelp(help, open)}`);
  for (const sample of family.samples()) lines.push(name + sampleText(sample));
  return `${lines.join('\n')}\n`;
}

function sampleText({ suffix, labels, value }: Sample): string {
  return `${suffix}${labelText(labels)} ${numberText(value)}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}

function escapeHelp(text: string, open: boolean): string {
  const escaped = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return open ? escaped.replace(/"/g, '\\"') : escaped;
}
