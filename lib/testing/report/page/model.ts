import type { Ladder } from '../../../evidence';
import type { Sound } from '../../../page';
import type { Check, Leak, MediaSample, Reason, Step, Verdict } from '../../types';
import type { ReportSummary } from '../summary';

/** What a page shows first: the run and a line for each verdict. */
export interface PageIndex {
  title: string;
  startedAt: string;
  durationMs: number;
  versions: Record<string, string>;
  summary: ReportSummary;
  rows: PageRow[];
  /** As the browser likes it when absent. */
  language?: 'en' | 'ko';
}

export interface PageRow {
  title: string;
  file: string;
  tags: string[];
  status: Verdict['status'];
  durationMs: number;
  attempts: number;
  /** Why it did not pass, or what to think of although it did, in one line. */
  cause: string;
}

/** A verdict; each lies in an element of its own, so that it is read only when it is shown. */
export interface PageVerdict {
  id: string;
  startedAt: string;
  seed?: number;
  rowValues?: Record<string, unknown>;
  reason?: Reason;
  attempts: PageAttempt[];
}

export interface PageAttempt {
  number: number;
  status: 'passed' | 'failed' | 'skipped';
  reason?: Reason;
  durationMs: number;
  steps: Step[];
  checks: Check[];
  leaks: Leak[];
  leftOut: Record<string, number>;
  ladder: Ladder;
  /** Place of the row of the ladder at which the attempt failed. */
  failedRow?: number;
  /** Whether the texts of the messages were left out, so that the page stays small. */
  withoutTexts?: boolean;
  calls: PageCall[];
  files: PageFile[];
}

export interface PageCall {
  id: string;
  phone: string;
  direction: 'in' | 'out';
  from: string;
  to: string;
  callId: string;
  /** Name of a figure and its value, as far as it is known. */
  figures: [name: FigureName, value: string][];
  series: MediaSample[];
  sounds: PageSound[];
}

export const FIGURES = [
  'state',
  'status',
  'endedBy',
  'setup',
  'duration',
  'codec',
  'srtp',
  'dtmf',
  'received',
  'sent',
  'loss',
  'jitter',
  'rtt',
  'mos',
  'level',
  'silence',
] as const;

export type FigureName = (typeof FIGURES)[number];

export interface PageFile {
  title: string;
  kind: string;
  href: string;
}

/** A recording; it always has a file. */
export type PageSound = Sound & { href: string };
