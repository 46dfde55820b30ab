import { loadSummary, type LoadReport } from '../../lib/load';
import type { Terminal } from '../command';

/** The report of a load in lines, with colours where the terminal wants them. */
export function summaryFor(report: LoadReport, { out, env }: Pick<Terminal, 'out' | 'env'>): string {
  const colour = !env.NO_COLOR && (Boolean(env.FORCE_COLOR) || (out.isTTY === true && env.TERM !== 'dumb'));
  return loadSummary(report, { colour });
}
