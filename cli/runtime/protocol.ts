import type { LoadPlan, LoadReport, LoadSample, LoadSlice } from '../../lib/load';
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
  /** Which of several processes with the same flows it is; undefined when it is the only one. */
  share?: ProcessShare | undefined;
  /** What the machine must have; else it refuses before Node-RED starts. */
  needs?: RunNeeds | undefined;
}

/** What a flow needs of the machine that it runs on. */
export interface RunNeeds {
  /** Voices that speak texts, `''` for the usual one. */
  voices: string[];
  codecs: string[];
}

/** A process among those of one run. */
export interface ProcessShare {
  /** From 0. */
  index: number;
  count: number;
  /** Address of the machine that its calls come from. */
  source?: string;
  /** False: another one registers the numbers of the phones. */
  registers?: false;
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

/** A load that a runtime is to put on. */
export interface LoadJob {
  plan: Omit<LoadPlan, 'rows' | 'title'>;
  /** Path of a CSV file in place of the table of the case. */
  table?: string | undefined;
  /** Seconds that an attempt may take. */
  timeout?: number | undefined;
  /** Whether `maxCalls` of the plan was asked for; else it is lowered to what this process has room for. */
  isMaxCallsGiven: boolean;
}

/** To the runtime. */
export type Order =
  | { kind: 'start'; job: RuntimeJob }
  | { kind: 'run'; case: string; options: CaseOptions }
  | { kind: 'load'; case: string; job: LoadJob }
  /** The load begins, at that time (milliseconds since the epoch) or at once. */
  | { kind: 'go'; atMs?: number }
  /** A further part of a load whose plan is sliced. */
  | { kind: 'slice'; slice: LoadSlice }
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
  /** The load is ready to begin, or knows already that it does not: its report before any call, and advice. */
  | { kind: 'prepared'; report: LoadReport; advice: string[] }
  /** A sentence for people about how this process runs. */
  | { kind: 'notice'; sentence: string }
  | { kind: 'sample'; sample: LoadSample }
  /** The report as if the load ended now. */
  | { kind: 'so-far'; report: LoadReport }
  /** The time of a slice is over: its number, and the report so far. */
  | { kind: 'slice-over'; number: number; report: LoadReport }
  | { kind: 'loaded'; report: LoadReport }
  /** All rows of the case have their verdict; with a sentence when the case could not be run. */
  | { kind: 'ended'; sentence?: string };

/** Milliseconds between two signs of life of a runtime. */
export const ALIVE_EVERY_MS = 1000;
