import { isIP } from 'node:net';
import { extname } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  parseStages,
  parseThreshold,
  ROWS_ORDERS,
  type RowsOrder,
  type Stage,
  type Threshold,
} from '../../lib/load';
import { expression, number, text, texts, wholeNumber } from '../arguments';
import { withFleetOptions, type FleetArguments } from '../fleet/options';
import { shard, withFlowOptions, type FlowArguments } from '../test/options';
import type { Shard } from '../test/plan';

/** Options of `sipflow load`, as commander reads them. */
export interface LoadArguments extends FlowArguments, FleetArguments {
  case?: RegExp;
  stages: Stage[];
  maxCalls?: number;
  total?: number;
  rows?: string;
  rowsOrder: RowsOrder;
  seed: number;
  expect?: Threshold[];
  abort?: Threshold[];
  probe: boolean;
  source?: string[];
  shard?: Shard;
  /** Milliseconds since the Unix epoch. */
  startAt?: number;
  processes?: number;
  timeout?: number;
  report?: string[];
  json?: true;
}

/** Files that a report can be written to, by their ending. */
export const REPORT_ENDINGS: readonly string[] = ['.json', '.html'];

const MOST = { calls: 1_000_000, total: 1_000_000_000, seed: 0xffff_ffff, processes: 64 } as const;
const LONGEST_S = 86_400;

/** Adds the options of `sipflow load`. */
export function withLoadOptions(command: Command): Command {
  return withFleetOptions(
    withFlowOptions(
      command
        .option(
          '--case <REGEX>',
          'the case whose title it matches; needed when there are several',
          expression,
        )
        .requiredOption(
          '--stages <STAGES>',
          'such as "10/s for 30s, 10/s to 100/s for 5m, 200 calls for 10m"; "warm-up 5/s for 10s" is not judged',
          sentence(parseStages),
        )
        .option('--max-calls <N>', 'cases at once; what goes beyond is left out', wholeNumber(1, MOST.calls))
        .option('--total <N>', 'ends after so many starts', wholeNumber(1, MOST.total))
        .option('--rows <FILE>', 'CSV table in place of that of the case; each start takes a row', text)
        .addOption(
          new Option('--rows-order <ORDER>', 'rows in turn, each once, or drawn')
            .choices(ROWS_ORDERS)
            .default('sequential'),
        )
        .option('--seed <N>', 'of the draw of rows', wholeNumber(0, MOST.seed), 1)
        .option(
          '--expect <THRESHOLD>',
          'such as "failed < 1%" or "p95 setup < 400 ms"; repeatable',
          thresholds,
        )
        .option(
          '--abort <THRESHOLD>',
          'ends the run when it is not met: "failed < 10% after 30s"; repeatable',
          thresholds,
        )
        .option('--no-probe', 'begin without a first case that has to pass')
        .option('--processes <N>', 'processes that share the load', wholeNumber(1, MOST.processes))
        .option(
          '--source <ADDRESSES>',
          'addresses of this machine that calls come from, one for each process',
          sources,
        )
        .option('--shard <I/N>', 'only the I-th of N parts; merge the reports of all', shard)
        .option(
          '--start-at <TIME>',
          'when the load begins, the same for all shards: 14:05:00 or ISO 8601',
          startTime,
        )
        .option('--timeout <S>', 'seconds that a case may take', number(1, LONGEST_S))
        .option('--report <FILE>', `file for the report: ${REPORT_ENDINGS.join(' or ')}; repeatable`, reports)
        .option('--json', 'print the report as JSON instead of a summary'),
    ),
  );
}

/** Reader of an option whose own reader throws a sentence. */
function sentence<Value>(read: (typed: string) => Value): (typed: string) => Value {
  return (typed) => {
    try {
      return read(text(typed));
    } catch (error) {
      throw error instanceof InvalidArgumentError
        ? error
        : new InvalidArgumentError((error as Error).message);
    }
  };
}

function thresholds(typed: string, before: readonly Threshold[] = []): Threshold[] {
  return [...before, sentence(parseThreshold)(typed)];
}

function sources(typed: string): string[] {
  const addresses = text(typed)
    .split(',')
    .map((each) => each.trim());
  const wrong = addresses.find((address) => isIP(address) === 0);
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is no IP address.`);
  if (new Set(addresses).size < addresses.length)
    throw new InvalidArgumentError('An address is there twice.');
  return addresses;
}

/** A time of today, or with its date. */
function startTime(typed: string): number {
  const today = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(typed);
  const at = today
    ? new Date().setHours(Number(today[1]), Number(today[2]), Number(today[3] ?? 0), 0)
    : Date.parse(text(typed));
  if (Number.isFinite(at)) return at;
  throw new InvalidArgumentError('It takes a time such as 14:05:00 or 2026-01-31T14:05:00Z.');
}

function reports(typed: string, before: readonly string[] = []): string[] {
  const all = texts(typed, before);
  if (REPORT_ENDINGS.includes(extname(typed))) return all;
  throw new InvalidArgumentError(`It has to end in ${REPORT_ENDINGS.join(' or ')}.`);
}
