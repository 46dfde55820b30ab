import type { CaptureRecords } from '../../protocol';
import type { CaptureMode } from '../../types';
import { Capture } from './capture';
import { ChunkPool } from './chunk-pool';

/** Limit of the ring of a session: four minutes of G.711 in both directions, or 25 of their headers. */
const SESSION_BYTES = 4 * 1024 * 1024;
/** How long the packets of a session that has ended are kept, and of how many such sessions: as long as calls are known. */
const KEPT_MS = 300_000;
const MAX_ENDED = 1000;

export interface CaptureLimits {
  /** Of all captures of the thread together. */
  bytes: number;
  sessionBytes?: number;
  keptMs?: number;
  maxEnded?: number;
}

/** The captures of a thread: of sessions that run, and for a while of those that have ended. */
export class Captures {
  /** Made with the first capture: most threads have none. */
  #pool: ChunkPool | undefined;
  readonly #limits: Required<CaptureLimits>;
  readonly #running = new Map<number, Capture>();
  /** In the order in which they ended. */
  readonly #ended = new Map<number, { capture: Capture; endedAt: number }>();

  constructor(limits: CaptureLimits) {
    this.#limits = { sessionBytes: SESSION_BYTES, keptMs: KEPT_MS, maxEnded: MAX_ENDED, ...limits };
  }

  /** Bytes of memory that all captures use. */
  get bytes(): number {
    return this.#pool?.bytes ?? 0;
  }

  /** Begins to keep the packets of a session. */
  begin(id: number, mode: CaptureMode, local: { address: string; rtpPort: number }, now: number): Capture {
    this.#forget(now);
    const pool = (this.#pool ??= new ChunkPool(this.#limits.bytes));
    const capture = new Capture(mode, local, { pool, bytes: this.#limits.sessionBytes });
    this.#running.set(id, capture);
    return capture;
  }

  /** The session has ended. */
  end(id: number, now: number): void {
    const capture = this.#running.get(id);
    if (!capture) return;
    this.#running.delete(id);
    capture.end();
    this.#ended.set(id, { capture, endedAt: now });
    this.#forget(now);
  }

  /** What is kept of a session; undefined when that is nothing. */
  read(id: number, now: number): CaptureRecords | undefined {
    this.#forget(now);
    return (this.#running.get(id) ?? this.#ended.get(id)?.capture)?.read();
  }

  #forget(now: number): void {
    for (const [id, { capture, endedAt }] of this.#ended) {
      if (this.#ended.size <= this.#limits.maxEnded && now - endedAt < this.#limits.keptMs) return;
      this.#ended.delete(id);
      capture.close();
    }
  }
}
