/** The longest wait of a timer of Node.js, milliseconds. */
const MAX_MS = 2 ** 31 - 1;

/** One wait, linked to those of the same length that were begun just before and just after it. */
export class SharedTimer {
  earlier: SharedTimer | undefined;
  later: SharedTimer | undefined;

  /** @param due monotonic milliseconds, whole, because those take no memory of their own */
  constructor(
    private readonly queue: TimerQueue,
    readonly due: number,
    /** Undefined when it has fired or is cleared. */
    public callback: (() => void) | undefined,
  ) {}

  /** Ends the wait; does nothing when it is over already. */
  clear(): void {
    this.queue.clear(this);
  }
}

/**
 * Timers that share one timer of Node.js for each length of wait. A call sets and clears ten timers of a few lengths,
 * nearly all of which never fire; one of Node.js takes five times the memory of a link in a queue.
 */
export class SharedTimers {
  readonly #queues = new Map<number, TimerQueue>();

  /** @param ms a length that `suits` */
  set(callback: () => void, ms: number): SharedTimer {
    let queue = this.#queues.get(ms);
    if (!queue) {
      queue = new TimerQueue(ms, () => this.#queues.delete(ms));
      this.#queues.set(ms, queue);
    }
    return queue.add(callback);
  }

  /** Whether a wait has a length that others are likely to have too: whole milliseconds, from 1. */
  static suits(ms: number): boolean {
    return Number.isInteger(ms) && ms >= 1 && ms <= MAX_MS;
  }
}

/** Waits of one length. Those that were begun first are due first. */
class TimerQueue {
  #first: SharedTimer | undefined;
  #last: SharedTimer | undefined;
  /** Runs while the queue is not empty, and for a while after that, without keeping the process alive. */
  #timer: NodeJS.Timeout | undefined;
  #firing = false;

  /** @param onIdle the queue has been empty for a while, and is not used any more */
  constructor(
    private readonly ms: number,
    private readonly onIdle: () => void,
  ) {}

  add(callback: () => void): SharedTimer {
    const timer = new SharedTimer(this, Math.ceil(performance.now() + this.ms), callback);
    const last = this.#last;
    this.#last = timer;
    if (last) {
      last.later = timer;
      timer.earlier = last;
      return timer;
    }
    this.#first = timer;
    if (this.#timer) this.#timer.ref();
    else if (!this.#firing) this.#wait(this.ms);
    return timer;
  }

  clear(timer: SharedTimer): void {
    if (!timer.callback) return;
    this.#unlink(timer);
    if (!this.#first) this.#timer?.unref();
  }

  #unlink(timer: SharedTimer): void {
    const { earlier, later } = timer;
    if (earlier) earlier.later = later;
    else this.#first = later;
    if (later) later.earlier = earlier;
    else this.#last = earlier;
    timer.earlier = timer.later = timer.callback = undefined;
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#fire(), ms);
  }

  #fire(): void {
    this.#timer = undefined;
    this.#firing = true;
    try {
      const now = performance.now();
      for (let timer = this.#first; timer && timer.due <= now; timer = this.#first) {
        const { callback } = timer;
        this.#unlink(timer);
        callback?.();
      }
    } finally {
      this.#firing = false;
      // What a callback has thrown must not keep the others.
      if (this.#first) this.#wait(Math.max(1, this.#first.due - performance.now()));
      else this.onIdle();
    }
  }
}
