/** Listening to received audio: what was heard, and when. */
export { DECISION_MS, LISTENING_RATE, type Candidate, type Detection, type Detector } from './detector';
export { PromptDetector, type PromptOptions } from './prompts/prompt-detector';
export { prepareReference } from './prompts/reference';
export type { NamedReference, PreparedReference, PromptDetection } from './prompts/types';
