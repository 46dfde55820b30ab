/** Media API for `lib/calls`: plain data and small verbs. */
export type { ConcealmentMode } from '../../audio';
export type { JitterBufferCounts, JitterBufferMode } from '../jitter-buffer';
export type * from './parameters';
export type * from './engine';
export type * from './running';
export type * from './bridge';
export type * from './digits';
export type * from './statistics';
export type * from './capture';
export type * from './listening';
export type * from './session';
