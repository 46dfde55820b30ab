import type { Attempt, Step, TestRef, Verdict } from '../../lib/testing';

/** Everything that a runtime needs to run one flow file. */
export interface RuntimeJob {
  /** Folder of the package `node-red`. */
  nodeRed: string;
  /** User directory of this runtime alone. */
  userDir: string;
  /** Nodes of the flow file. */
  flows: readonly object[];
  /** By node id. */
  credentials: Readonly<Record<string, object>>;
  /** Folder of the flow file: base of relative paths of tables and sounds. */
  flowFolder: string;
  /** Base of the folders for recordings. */
  outputFolder: string;
  /** Of which attempts the packets of calls are captured; undefined when their phones decide. */
  pcap?: 'failed' | 'on' | 'off' | undefined;
}

/** A test case that a runtime has. */
export interface CaseInfo {
  /** Id of its node. */
  id: string;
  title: string;
  tags: string[];
  /** Ids of the nodes of the phones that it holds. */
  phones: string[];
  /** Seconds that an attempt may take. */
  timeout: number;
  /** Numbers of its rows; `[null]` without a table. */
  rows: (number | null)[];
}

/** Settings of a run of one case. */
export interface CaseOptions {
  /** Rows that are run; null stands for a case without a table. */
  rows: readonly (number | null)[];
  retries?: number | undefined;
  /** Seconds. */
  timeout?: number | undefined;
  failFast: boolean;
  record: 'failed' | 'on' | 'off';
}

/** To the runtime. */
export type Order =
  | { kind: 'start'; job: RuntimeJob }
  | { kind: 'run'; case: string; options: CaseOptions }
  /** Running attempts conclude; nothing further begins. */
  | { kind: 'abort' }
  | { kind: 'stop' };

/** From the runtime. */
export type Event =
  | { kind: 'ready'; cases: CaseInfo[] }
  /** It cannot run this flow file: why, as a sentence. */
  | { kind: 'refused'; sentence: string }
  /** It still answers. */
  | { kind: 'alive' }
  | { kind: 'started'; test: TestRef }
  | { kind: 'step'; test: TestRef; step: Pick<Step, 'node' | 'outcome'> }
  | { kind: 'attempt'; attempt: Attempt }
  | { kind: 'verdict'; verdict: Verdict }
  /** All rows of the case have their verdict; with a sentence when the case could not be run. */
  | { kind: 'ended'; sentence?: string };

/** Milliseconds between two signs of life of a runtime. */
export const ALIVE_EVERY_MS = 1000;
