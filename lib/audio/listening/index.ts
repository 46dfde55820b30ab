/** Listening without I/O: prompts, speech, silence and tones in received audio, and who sounded when. */
export { AnswererDetector, type WantedAnswerer } from './answerer/answerer';
export { Conversation, type Stretch, type TalkFigures } from './conversation';
export {
  BLOCKS_PER_DECISION,
  type Candidate,
  DECISION_MS,
  type Detection,
  type Detector,
  LISTENING_RATE,
} from './detector';
export { PromptDetector, type PromptOptions } from './prompts/prompt-detector';
export { prepareReference } from './prompts/reference';
export type { NamedReference, PreparedReference, PromptDetection } from './prompts/types';
export { BLOCK_MS, BLOCK_SAMPLES } from './speech/block-energy';
export { EndOfSpeechDetector, SilenceDetector, SpeechDetector } from './speech/detectors';
export { SoundActivity, type Spurt } from './speech/sound-activity';
export { ProgressToneDetector } from './tones/progress-tones';
