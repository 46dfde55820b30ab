import type { Found } from './bench';
import type { Scene } from './scenes';

/** Answer that is right for a kind of scene. */
const RIGHT: Readonly<Record<Scene['kind'], string>> = {
  human: 'human',
  'human, hello again': 'human',
  business: 'human',
  machine: 'machine',
  'machine, short': 'machine',
  fax: 'fax',
  nothing: 'unknown',
  progress: 'unknown',
  music: 'unknown',
};
const ANSWERS = ['human', 'machine', 'fax', 'unknown'] as const;
/** Error of the end of a beep that still counts as heard, ms. */
const BEEP_MS = 60;

interface Row {
  count: number;
  told: Record<string, number>;
  decidedMs: number[];
  greetingErrorMs: number[];
  beeps: number;
  beepsHeard: number;
  beepErrorMs: number[];
  /** Beeps that were heard where there was none. */
  falseBeeps: number;
}

/** Counts answers by kind, source and line. */
export class Table {
  readonly #rows = new Map<string, Row>();

  add(scene: Scene, source: string, line: string, found: Found): void {
    for (const key of [scene.kind, `${scene.kind} | ${source}`, `${scene.kind} | ${line}`])
      this.#count(key, scene, found);
  }

  isRight({ kind, beep }: Scene, found: Found): boolean {
    return (
      found.what === RIGHT[kind] &&
      (!beep || Math.abs((found.beep?.endMs ?? Infinity) - beep.endMs) <= BEEP_MS)
    );
  }

  #count(key: string, { kind, greetingMs, beep }: Scene, found: Found): void {
    const row = this.#row(key);
    row.count++;
    row.told[found.what] = (row.told[found.what] ?? 0) + 1;
    if (found.what === RIGHT[kind] && found.what !== 'unknown')
      row.decidedMs.push(found.decidedMs - (kind === 'human' ? (greetingMs ?? 0) : 0));
    if (
      found.what === 'human' &&
      greetingMs !== undefined &&
      found.detection?.greetingLengthMs !== undefined
    ) {
      row.greetingErrorMs.push(Math.abs(found.detection.greetingLengthMs - greetingMs));
    }
    const error = beep && found.beep ? Math.abs(found.beep.endMs - beep.endMs) : Infinity;
    if (beep) row.beeps++;
    if (error <= BEEP_MS) {
      row.beepsHeard++;
      row.beepErrorMs.push(error);
    } else if (found.beep) row.falseBeeps++;
  }

  #row(key: string): Row {
    let row = this.#rows.get(key);
    if (!row) {
      row = {
        count: 0,
        told: {},
        decidedMs: [],
        greetingErrorMs: [],
        beeps: 0,
        beepsHeard: 0,
        beepErrorMs: [],
        falseBeeps: 0,
      };
      this.#rows.set(key, row);
    }
    return row;
  }

  print(): void {
    console.log(
      `${'scene | source or line'.padEnd(44)} count  ${ANSWERS.join('  ')}  decided p50 p95 ms  beeps heard, false, end p95 ms`,
    );
    for (const [key, row] of [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const shares = ANSWERS.map((answer) =>
        percent(row.told[answer] ?? 0, row.count).padStart(answer.length + 2),
      );
      const beeps =
        row.beeps > 0
          ? `${percent(row.beepsHeard, row.beeps)}, ${row.falseBeeps}, ${at(row.beepErrorMs, 0.95)}`
          : `-, ${row.falseBeeps}`;
      console.log(
        `${key.padEnd(44)} ${String(row.count).padStart(5)}${shares.join('')}  ${at(row.decidedMs, 0.5)} ${at(row.decidedMs, 0.95)}  ${beeps}`,
      );
    }
  }

  /** The rows without a source or line. */
  json(): Record<string, unknown> {
    const kinds = Object.keys(RIGHT).flatMap((kind) => {
      const row = this.#rows.get(kind);
      if (!row) return [];
      const told = Object.fromEntries(
        ANSWERS.map((answer) => [answer, share(row.told[answer] ?? 0, row.count)]),
      );
      const times = { decidedMs: { p50: at(row.decidedMs, 0.5), p95: at(row.decidedMs, 0.95) } };
      const greeting = {
        greetingErrorMs: { p50: at(row.greetingErrorMs, 0.5), p95: at(row.greetingErrorMs, 0.95) },
      };
      const beep =
        row.beeps > 0
          ? { beepHeard: share(row.beepsHeard, row.beeps), beepErrorMs: { p95: at(row.beepErrorMs, 0.95) } }
          : {};
      return [[kind, { count: row.count, told, ...times, ...greeting, ...beep, falseBeeps: row.falseBeeps }]];
    });
    return { scenes: Object.fromEntries(kinds) };
  }
}

function share(part: number, whole: number): number {
  return Math.round((part / whole) * 10_000) / 10_000;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

/** A quantile, rounded; 0 without values. */
function at(list: number[], part: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0);
}
