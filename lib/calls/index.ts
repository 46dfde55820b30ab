export * from './types';
export { validateInstance } from './instance-options';
export { reasonPhrase } from '../sip';
export { createNullMediaEngine, type MediaEngine } from '../media';

export { createWorld, type World, type WorldOptions } from './world';
export type { PhoneSettings } from './phone-settings';
