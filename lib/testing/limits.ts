/** Limits of tests, so that none of them can fill the memory or wait for ever. */
export const TEST_LIMITS = {
  /** Of one attempt; what is above is counted in `leftOut`. */
  steps: 1000,
  checks: 1000,
  /** Calls of an attempt with evidence; those above are hung up all the same. */
  calls: 100,
  /** Bytes of the messages of an attempt. */
  bytes: 4 * 1024 * 1024,
  /** Of the pcap files of an attempt together. */
  captureBytes: 64 * 1024 * 1024,
  artefacts: 200,
  /** Characters of a text in a step, a check or a reason. */
  text: 2000,
  /** Longest time from the end of an attempt to its outcome, milliseconds. */
  concludeMs: 5000,
  /** Time that a step gets to finish once the calls of its attempt are hung up, milliseconds. */
  stepGraceMs: 1000,
  /** Rows of a table. */
  rows: 10_000,
  rowsAtOnce: 1000,
  retries: 100,
  /** Longest time limit of an attempt, seconds: a day. */
  timeout: 86_400,
  /** Verdicts that are kept, and the bytes that they may take together. */
  results: 200,
  resultBytes: 64 * 1024 * 1024,
  /** Attempts whose ids are known after their end, so that a late message finds that it is late. */
  endedAttempts: 1000,
} as const;
