/** Audio without I/O: codecs, WAV, tones, sample rate conversion, and packet loss concealment. */
export {
  canonicalCodecName,
  CODECS,
  COMMON_CODEC,
  registerCodec,
  type CodecDescription,
  type CodecName,
} from './codecs';
export { ComfortNoise } from './comfort-noise';
export { convertWav, toInt16, WavConverter } from './convert';
export { findReference, type CorrelationMatch, type CorrelationOptions } from './correlate';
export { assertPlayableAsIs } from './describe';
export { decodePcma, decodePcmu, encodePcma, encodePcmu, PCMA_SILENCE, PCMU_SILENCE } from './g711';
export { G722Decoder, G722Encoder } from './g722';
export { decodeL16, encodeL16 } from './l16';
export { LevelMeter } from './level';
export {
  AnswererDetector,
  BLOCK_MS,
  BLOCK_SAMPLES,
  BLOCKS_PER_DECISION,
  Conversation,
  DECISION_MS,
  EndOfSpeechDetector,
  LISTENING_RATE,
  prepareReference,
  ProgressToneDetector,
  PromptDetector,
  SilenceDetector,
  SoundActivity,
  SpeechDetector,
  type Candidate,
  type Detection,
  type Detector,
  type NamedReference,
  type PreparedReference,
  type PromptDetection,
  type PromptOptions,
  type Spurt,
  type Stretch,
  type TalkFigures,
} from './listening';
export {
  loadOpus,
  opusPreferences,
  opusSamples,
  type OpusDecoder,
  type OpusEncoder,
  type OpusLibrary,
} from './opus';
export { Oscillator } from './oscillator';
export { PacketLossConcealer, type ConcealmentMode } from './plc';
export { simplifyWav } from './rare-wav';
export { Resampler } from './resampler';
export { isQuiet, LEAST_STRETCHED, mostStretch, stretch } from './stretch';
export { ToneGenerator } from './tone-generator';
export { parseTone, type ToneSpec } from './tones';
export {
  bytesSource,
  MAX_READ_BYTES,
  parseWavHeader,
  wavDurationMs,
  type ByteSource,
  type WavFormat,
} from './wav-header';
export { waveformOf, type Waveform } from './waveform';
export { WAV_HEADER_BYTES, writeWavHeader } from './wav-writer';
