import { Conference } from './conference';
import { WorkerMediaEngine, type MediaEngineOptions } from './engine';
import { completeOptions } from './jitter-buffer';
import { NullMediaEngine } from './null-engine';
import type { JitterBufferSettings, MediaConference, MediaEngine } from './types';

export type * from './types';
export { packagedSoundsDir, type MediaEngineOptions } from './engine';
export { MediaMeters, type MediaLoad } from './meters';
export { PortPool } from './port-pool';
export * from './speech';

/** Makes the media engine: RTP in worker threads, which start with the first reserved port. */
export function createMediaEngine(options?: MediaEngineOptions): MediaEngine {
  return new WorkerMediaEngine(options);
}

/** Makes an engine without sockets and threads, for signalling-only use and benchmarks. */
export function createNullMediaEngine(): MediaEngine {
  return new NullMediaEngine();
}

/** Makes an empty conference for sessions of one engine. */
export function createConference(): MediaConference {
  return new Conference();
}

/** @throws SipflowError BAD_CONFIG that names the value when a delay is out of range. */
export function assertJitterBuffer(settings: JitterBufferSettings): void {
  completeOptions({ ...settings, clockRate: 8000 });
}
