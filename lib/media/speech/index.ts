export { isArgument, type SpeechSettings } from './programs';
export { Speech, type SpeechLimits } from './speech';
export { isSpoken, parseSpoken, spokenSource, type SpokenText } from './spoken-text';
