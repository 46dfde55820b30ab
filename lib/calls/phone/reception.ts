import { toSipflowError, type SipflowError } from '../../common';
import type { ReceivedCall } from '../incoming-call';
import type { IncomingListener, IncomingOptions } from '../types';
import { chooseHandler, compileMatch, type CompiledMatch } from './match';

/** Who has asked for incoming calls, and of which numbers. */
export interface Handler {
  readonly match: CompiledMatch;
  readonly options: IncomingOptions;
  readonly listener: IncomingListener;
}

/** Decides who in the program gets an incoming call. */
export class Reception {
  readonly #handlers = new Set<Handler>();

  /** @param warn hears what a listener has thrown */
  constructor(private readonly warn: (error: SipflowError) => void) {}

  /**
   * Adds somebody who takes calls. Returns what takes him away again.
   *
   * @throws SipflowError BAD_CONFIG for a `match` that cannot be read
   */
  add(listener: IncomingListener, options: IncomingOptions): () => void {
    const handler: Handler = { match: compileMatch(options.match ?? ''), options, listener };
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Who takes a call to that number, or the answer when nobody does: 480, 486 when the phone is `full`, 404. */
  find(calledUser: string, full: boolean): Handler | { status: number } {
    if (this.#handlers.size === 0) return { status: 480 };
    if (full) return { status: 486 };
    return chooseHandler([...this.#handlers], calledUser) ?? { status: 404 };
  }

  /** Hands a call to whoever takes it. Whatever the listener throws, now or later, stays here. */
  handOver(call: ReceivedCall, listener: IncomingListener): void {
    const warn = (error: unknown): void => this.warn(toSipflowError(error));
    try {
      Promise.resolve(listener(call, call.lastSip)).catch(warn);
    } catch (error) {
      warn(error);
    }
  }
}
