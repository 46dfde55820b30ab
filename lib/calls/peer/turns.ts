import { SipflowError } from '../../common';

/** Offers of one call that may wait for their turn. */
const MAX_WAITING = 32;

/** Runs tasks one after the other: a dialog has one open offer at a time (RFC 3264, 4). */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Resolves or rejects as the task does. CALL_STATE when 32 wait already. */
  run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) {
      throw new SipflowError('CALL_STATE', `${MAX_WAITING} offers of this call wait for their turn already.`);
    }
    this.#waiting += 1;
    const done = this.#last.then(task).finally(() => (this.#waiting -= 1));
    this.#last = done.catch(() => undefined);
    return done;
  }
}
