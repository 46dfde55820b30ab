import type { CallInfo, CallRef, TracedMessage } from '../calls';
import type { LadderCheck, LadderStep } from '../evidence';

/** `msg.test`: the attempt that a message belongs to, as data, like `CallRef`. */
export interface TestRef {
  type: 'sip-test';
  /** Of the attempt; the key under which `Tests` knows it. */
  id: string;
  /** Id of the test case. */
  case: string;
  title: string;
  /** Counted from 1; above 1 it is a retry. */
  attempt: number;
  /** Row of the table, counted from 1; absent without a table. */
  row?: number;
}

/** The node that something happened in, so that people find it. */
export interface NodeName {
  id: string;
  /** What people call it; '' when they gave it no name. */
  name: string;
  /** `sip-make-call`, … */
  type: string;
}

/** A message of an attempt that one of the nodes has handled. */
export interface Step extends LadderStep {
  durationMs: number;
  /** By which the message left, counted from 0; absent when it went nowhere. */
  output?: number;
}

/** A check and what it found. */
export type Check = LadderCheck;

/** All that is known of a call of an attempt; a ladder takes it as it is. */
export interface CallEvidence {
  ref: CallRef;
  info: CallInfo;
  messages: TracedMessage[];
  /** Paths of files. */
  recordings: string[];
  /** Path of a file. */
  pcap?: string;
  /** Name of the phone that had the call. */
  phone?: string;
  /** The received audio over time, as far as it was watched. */
  series?: MediaSample[];
}

/** The received audio of a call up to a moment. */
export interface MediaSample {
  /** Milliseconds since the attempt began. */
  atMs: number;
  /** 0–100 */
  lossPercent?: number;
  jitterMs?: number;
  levelDbfs?: number;
}

/** Something that an attempt opened and did not give back. */
export interface Leak {
  kind: 'call' | 'port' | 'timer' | 'file';
  /** A sentence that names it. */
  what: string;
}

/** A file that belongs to an attempt. */
export interface Artefact {
  kind: 'recording' | 'pcap' | 'ladder' | 'text';
  /** Path. */
  file: string;
  title: string;
  /** `CallRef.id` */
  call?: string;
  /** When a recording began, in milliseconds since the attempt did. */
  atMs?: number;
}

/** Why a test did not pass, or was skipped. */
export interface Reason {
  /** Stable: a code of `TEST_REASONS`, or that of an error. */
  code: string;
  /** One sentence. */
  message: string;
  node?: NodeName;
  /** Milliseconds since the attempt began. */
  atMs: number;
}

/** `msg.verdict`: the outcome of a test case for one row, with everything that was tried. */
export interface Verdict {
  format: 'sipflow-verdict/1';
  id: string;
  /** Id of the test case. */
  case: string;
  title: string;
  tags: string[];
  /** Row of the table, counted from 1. */
  row?: number;
  rowValues?: object;
  seed?: number;
  /** The file that the test case is in, as it was named when the run began. */
  file?: string;
  /** `flaky`: an attempt failed, and a retry passed. */
  status: 'passed' | 'failed' | 'flaky' | 'skipped';
  reason?: Reason;
  /** ISO 8601. */
  startedAt: string;
  durationMs: number;
  attempts: Attempt[];
}

/** One try of a test case. */
export interface Attempt {
  test: TestRef;
  status: 'passed' | 'failed' | 'skipped';
  reason?: Reason;
  /** ISO 8601; when absent, that of the verdict. */
  startedAt?: string;
  durationMs: number;
  steps: Step[];
  checks: Check[];
  calls: CallEvidence[];
  leaks: Leak[];
  artefacts: Artefact[];
  /** How much of each went over its limit, by name; absent when nothing did. */
  leftOut?: Record<string, number>;
}

/** The outcome of a run: what `sipflow test` writes and the reporters read. */
export interface Report {
  format: 'sipflow-report/1';
  /** ISO 8601. */
  startedAt: string;
  durationMs: number;
  /** By name: of this package, of Node.js, of Node-RED. */
  versions: Record<string, string>;
  /** Which part of the run this is, counted from 1; absent when it is the whole. */
  shard?: { index: number; of: number };
  verdicts: Verdict[];
}
