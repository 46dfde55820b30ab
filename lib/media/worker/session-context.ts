import type { WorkerMeter } from '../meters';
import type { MediaEvent } from '../protocol';
import type { Captures } from './capture/captures';
import type { FileClient } from './file-client';
import type { WheelDriver } from './wheel-driver';

/** Services of the thread for a session. */
export interface SessionContext {
  wheel: WheelDriver;
  files: FileClient;
  captures: Captures;
  meter: WorkerMeter;
  emit(event: MediaEvent): void;
}

/** An event of a session, which need not say which it is. */
export type EventOfSession = MediaEvent extends infer Event
  ? Event extends MediaEvent
    ? Omit<Event, 'port'>
    : never
  : never;
