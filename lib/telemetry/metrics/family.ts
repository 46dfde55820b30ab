/** Labels of a sample: only names and values that stand in this package, never what a call or the network has said. */
export type Labels = Readonly<Record<string, string>>;

/** One line of a family: the end of its name, its labels, and its value. */
export interface Sample {
  suffix: string;
  labels: Labels;
  value: number;
}

/** Metrics of one name, as OpenMetrics groups them. */
export interface Family {
  /** Without the suffixes of its samples; ends with the unit, if it has one. */
  name: string;
  type: 'counter' | 'gauge' | 'histogram' | 'info';
  unit?: string;
  help: string;
  samples(): Sample[];
}

/** What every family is described by. */
export type Description = Pick<Family, 'name' | 'help' | 'unit'>;

/** Counters of all combinations of labels that there are; each is told from the beginning, as 0. */
export class Counter implements Family {
  readonly type = 'counter';
  readonly name: string;
  readonly help: string;
  readonly #values: { labels: Labels; value: number }[];

  constructor({ name, help }: Description, combinations: readonly Labels[] = [{}]) {
    this.name = name;
    this.help = help;
    this.#values = combinations.map((labels) => ({ labels, value: 0 }));
  }

  /** @param index of the combination of labels */
  add(index = 0, amount = 1): void {
    this.#values[index].value += amount;
  }

  valueAt(index = 0): number {
    return this.#values[index].value;
  }

  samples(): Sample[] {
    return this.#values.map(({ labels, value }) => ({ suffix: '_total', labels, value }));
  }
}

/** A distribution for each combination of labels. */
export class Histogram implements Family {
  readonly type = 'histogram';
  readonly name: string;
  readonly help: string;
  readonly unit?: string;
  readonly #bounds: readonly number[];
  readonly #series: { labels: Labels; counts: number[]; sum: number }[];

  /** @param bounds inclusive upper limits, in order; what is above all of them is counted too */
  constructor(
    { name, help, unit }: Description,
    bounds: readonly number[],
    combinations: readonly Labels[] = [{}],
  ) {
    this.name = name;
    this.help = help;
    if (unit !== undefined) this.unit = unit;
    this.#bounds = bounds;
    this.#series = combinations.map((labels) => ({
      labels,
      counts: new Array<number>(bounds.length + 1).fill(0),
      sum: 0,
    }));
  }

  /** Counts a value that is not negative; anything that is no number is left out. */
  observe(value: number, index = 0): void {
    if (!(value >= 0) || value === Infinity) return;
    const series = this.#series[index];
    let at = 0;
    while (at < this.#bounds.length && value > this.#bounds[at]) at++;
    series.counts[at] += 1;
    series.sum += value;
  }

  samples(): Sample[] {
    return this.#series.flatMap(({ labels, counts, sum }) => distribution(this.#bounds, counts, sum, labels));
  }
}

/** The samples of a distribution: each bucket with all that is below it. */
export function distribution(
  bounds: readonly number[],
  counts: readonly number[],
  sum: number,
  labels: Labels = {},
): Sample[] {
  let below = 0;
  const buckets = counts.map((count, index): Sample => {
    below += count;
    const le = index < bounds.length ? openMetricsNumber(bounds[index]) : '+Inf';
    return { suffix: '_bucket', labels: { ...labels, le }, value: below };
  });
  return [...buckets, { suffix: '_count', labels, value: below }, { suffix: '_sum', labels, value: sum }];
}

/** A whole limit is written with a fraction, so that both text forms name the bucket alike. */
function openMetricsNumber(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
