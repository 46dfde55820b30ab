/** Quality figures of a stream: E-model, burst loss, clock drift, level, silence and clipping. */
export { AudioMonitor, measureAudio, MONITOR_CELLS } from './audio-monitor';
export { codecImpairment, type CodecImpairment } from './codec-impairment';
export { DRIFT_CELLS, DriftEstimator, noteDrift } from './drift-estimator';
export {
  estimateQuality,
  meanOpinionScore,
  mouthToEarMs,
  type DelayParts,
  type Quality,
  type QualityInput,
} from './e-model';
export { LossTracker, type LossFigures } from './loss-tracker';
