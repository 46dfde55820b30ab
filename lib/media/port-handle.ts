import { SipflowError } from '../common';
import type { MediaEvent } from './protocol';
import { SessionHandle, type MediaWorkerLink } from './session-handle';
import type { MediaParameters, MediaPort, MediaSession, PortMappingResult } from './types';

/** The main thread's handle of a pair that a worker has bound. */
export class PortHandle implements MediaPort {
  readonly rtcpPort: number;
  #session: SessionHandle | undefined;
  #released: Promise<void> | undefined;

  /**
   * @param onClosed the sockets are gone: the pair may be used again. Called once.
   */
  constructor(
    readonly address: string,
    readonly rtpPort: number,
    private readonly id: number,
    private readonly link: MediaWorkerLink,
    private readonly engine: object,
    private readonly onClosed: () => void,
    readonly mapping?: PortMappingResult,
  ) {
    this.rtcpPort = rtpPort + 1;
  }

  open(parameters: MediaParameters): MediaSession {
    if (this.#session || this.#released) {
      throw new SipflowError('CALL_STATE', 'A media port can be opened once, and not after its release.');
    }
    this.#session = new SessionHandle(this.id, this.link, this.engine, parameters, this.onClosed);
    return this.#session;
  }

  release(): Promise<void> {
    if (this.#session) return Promise.resolve();
    this.#released ??= this.#release();
    return this.#released;
  }

  /** The engine ends: whatever this pair is, it closes. */
  async close(): Promise<void> {
    if (!this.#session) return this.release();
    await this.#session.close();
  }

  onEvent(event: MediaEvent): void {
    this.#session?.onEvent(event);
  }

  workerClosed(cause: SipflowError): void {
    this.#session?.workerClosed(cause);
  }

  async #release(): Promise<void> {
    try {
      await this.link.request('close', { port: this.id });
    } catch {
      // The worker is gone, and the sockets with it.
    }
    this.onClosed();
  }
}
