/** Commands of the benchmark to the process under test. */
export type PhoneCommand =
  | {
      type: 'start';
      maxCalls: number;
      /** T1 in milliseconds; the RFC's 500 when absent. */
      t1?: number;
    }
  | {
      type: 'dial';
      target: string;
      /** Calls per second. */
      rate: number;
      calls: number;
      /** End every call as soon as it is answered; otherwise they stand. */
      hangUp: boolean;
    }
  | { type: 'endAll'; /** Calls per second. */ rate: number }
  | { type: 'usage'; /** Collect garbage first, which costs time of its own. */ collect?: boolean }
  | { type: 'close' };

/** Resource usage and calls of the process under test. */
export interface PhoneUsage {
  /** User and system time since the start of the process, milliseconds. */
  cpuMs: number;
  /** JavaScript heap in use, bytes. */
  heapBytes: number;
  /** Memory outside of the heap that JavaScript holds, bytes. */
  externalBytes: number;
  rssBytes: number;
  /** Calls that stand. */
  live: number;
  /** Calls that have ended, since the start. */
  ended: number;
  /** Calls that ended by an error of ours, since the start. */
  broken: number;
  /** Warnings of the process: exceptions that were caught, and leaks that Node.js suspects. */
  warnings: string[];
}

/** Result of dialling. */
export interface DialReport {
  /** Calls that were not answered. */
  failures: number;
  /** Time from `dial` to the answer of each answered call, milliseconds. */
  setupMs: number[];
  /** From the first `dial` until the last call was over (or, standing, answered), milliseconds. */
  elapsedMs: number;
}

export interface PhoneAnswers {
  start: { address: string; port: number };
  dial: DialReport;
  endAll: undefined;
  usage: PhoneUsage;
  close: undefined;
}

/** A command on its way to the process, and the answer on its way back. */
export interface Envelope {
  id: number;
  command: PhoneCommand;
}

export interface AnswerEnvelope {
  id: number;
  answer?: PhoneAnswers[keyof PhoneAnswers];
  error?: string;
}
