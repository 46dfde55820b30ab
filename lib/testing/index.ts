/** Tests of phone systems: attempts, checks, and the verdicts that come of them. */
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
