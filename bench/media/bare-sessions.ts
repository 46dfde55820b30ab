/** Sessions without sockets, files and threads: what surrounds them costs next to nothing. */
import { Captures } from '../../lib/media/worker/capture/captures';
import type { FileEvent } from '../../lib/media/files/protocol';
import type { FileClient } from '../../lib/media/worker/file-client';
import type { MediaParameters } from '../../lib/media';
import { MediaMeters, WorkerMeter } from '../../lib/media/meters';
import type { SessionContext } from '../../lib/media/worker/session-context';
import { SlotWheel } from '../../lib/media/worker/wheel';
import type { WheelDriver } from '../../lib/media/worker/wheel-driver';

/** Start of the sessions, milliseconds of the worker's clock. */
export const START = 1000;
export const PTIME_MS = 20;

/** A call with audio both ways, which nobody listens to. */
export const PLAIN: MediaParameters = {
  remote: { address: '127.0.0.1', rtpPort: 4000, rtcpPort: 4001 },
  codec: { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 },
  alternatives: [],
  telephoneEvent: { sendPayloadType: 101, receivePayloadType: 101, clockRate: 8000 },
  ptimeMs: PTIME_MS,
  direction: 'sendrecv',
  rtcpMux: true,
  rtpTimeoutMs: 0,
  detectInband: false,
};

/** What the sessions of a worker share. @param wheel on which they run; without one their owner calls them. */
export function bareContext(wheel?: SlotWheel): SessionContext {
  const listeners: ((event: FileEvent) => void)[] = [];
  const files = {
    create: (_request: unknown, listener: (event: FileEvent) => void) => listeners.push(listener) - 1,
    write: (id: number, _silence: number, data: ArrayBuffer) =>
      listeners[id]({ type: 'written', id, bytes: data.byteLength }),
  };
  const driver = {
    quietest: (windowMs: number) => wheel?.quietest(START, windowMs) ?? START,
    add: (session: Parameters<SlotWheel['add']>[0]) => wheel?.add(session),
  };
  return {
    wheel: driver as unknown as WheelDriver,
    files: files as unknown as FileClient,
    captures: new Captures({ bytes: 1 << 20, sessionBytes: 1 << 18 }),
    meter: new WorkerMeter(new MediaMeters().hire()),
    emit: () => undefined,
  };
}
