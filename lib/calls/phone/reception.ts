import { toSipflowError, type SipflowError } from '../../common';
import type { ReceivedCall } from '../incoming-call';
import type { IncomingListener, IncomingOptions } from '../types';
import { chooseHandler, compileMatch, type CompiledMatch } from './match';

/** Listener for incoming calls, and the numbers that it takes. */
export interface Handler {
  readonly match: CompiledMatch;
  readonly options: IncomingOptions;
  readonly listener: IncomingListener;
}

/** Listeners of a phone for incoming calls, and the choice among them. */
export class Reception {
  readonly #handlers = new Set<Handler>();

  /** @param warn gets the errors that listeners throw */
  constructor(private readonly warn: (error: SipflowError) => void) {}

  /**
   * Adds a listener for incoming calls. Returns a function that removes it.
   *
   * @throws SipflowError BAD_CONFIG for a `match` that cannot be read
   */
  add(listener: IncomingListener, options: IncomingOptions): () => void {
    const handler: Handler = { match: compileMatch(options.match ?? ''), options, listener };
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Handler for a call to that number, or the status of the refusal: 480, 486 when the phone is `full`, 404. */
  find(calledUser: string, full: boolean): Handler | { status: number } {
    if (this.#handlers.size === 0) return { status: 480 };
    if (full) return { status: 486 };
    return chooseHandler([...this.#handlers], calledUser) ?? { status: 404 };
  }

  /** Hands a call to its listener. Errors that the listener throws, now or later, become warnings. */
  handOver(call: ReceivedCall, listener: IncomingListener): void {
    const warn = (error: unknown): void => this.warn(toSipflowError(error));
    try {
      Promise.resolve(listener(call, call.lastSip)).catch(warn);
    } catch (error) {
      warn(error);
    }
  }
}
