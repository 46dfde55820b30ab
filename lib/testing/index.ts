/** Tests of phone systems: attempts, checks, and the verdicts that come of them. */
export {
  Tests,
  isTestRef,
  type ArtefactCollector,
  type TestSettings,
  type TestsEvents,
  type TestsOptions,
} from './tests';
export { processTests } from './process-tests';
export { TEST_HEADER, type TestAttempt } from './attempt/attempt';
export type { CaptureSettings } from './attempt/save-captures';
export type { OpenStep, StepEnd } from './attempt/attempt-log';
export { failureText, TEST_REASONS, type TestReason } from './attempt/judge';
export type { AttemptState } from './attempt/state';
export { TEST_LIMITS } from './limits';
export { lostVerdict, withLostTries, type LostTry } from './lost-tries';
export type { TestPhone } from './phone-holds';
export type { TestResults } from './results';
export type { LeanAttempts, LeanOutcome, LeanStart, CallTimes } from './lean-attempts';
export type { PreparedCase, TestCase, TriggerOptions } from './test-case';
export type { RunOptions, TestRun } from './test-run';
export { parseCheck } from './checks/check-text';
export { CHECK_OPERATORS, type CheckOperator } from './checks/operators';
export { assertCheck, runChecks, type CheckOptions } from './checks/run-checks';
export { hearRecording, type HearOptions, type HeardSound } from './checks/hear-recording';
export type { SoundFolders } from './checks/recorded-audio';
export type { CheckSpec, MessageFacts } from './checks/spec';
export { CHECK_SUBJECTS, type CheckSubject, type SubjectType } from './checks/subjects';
export type {
  Artefact,
  Attempt,
  CallEvidence,
  Check,
  Leak,
  MediaSample,
  NodeName,
  Reason,
  Report,
  Step,
  TestRef,
  Verdict,
} from './types';
export * from './report';
