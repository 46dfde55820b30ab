export * from './types';
export { validatePhone } from './phone/validate';
export { reasonPhrase } from '../sip';
export { srtpPreference } from '../sdp';
export {
  createNullMediaEngine,
  isSpoken,
  packagedSoundsDir,
  parseSpoken,
  Speech,
  spokenSource,
  type MediaEngine,
  type SpeechSettings,
  type SpokenText,
} from '../media';

export { createWorld, type World, type WorldLoad, type WorldOptions } from './world';
export type { PhoneSettings } from './phone/settings';
