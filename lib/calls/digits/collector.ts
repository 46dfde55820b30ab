import {
  type Clock,
  DEFAULTS,
  SafeEmitter,
  SipflowError,
  toSipflowError,
  type TimerHandle,
} from '../../common';
import { Gather, gatherRules } from './gather';
import type { KeyChoices } from './menu';
import { DigitMerge } from './merge';
import type { DigitEvent, DtmfResult, GatherOptions } from '../types';

/** While a key is held down its digit is still to come; time-outs wait for it, but not longer than this. */
const HELD_KEY_MS = 10_000;
const MAX_STREAMS = 32;

/** Which digits a stream wants. */
export interface StreamOptions {
  /** Forget digits that were pressed before. */
  flush?: boolean;
  /** All when absent or empty. */
  methods?: DigitEvent['method'][];
}

/** What a gather has besides its options. */
export interface GatherExtras {
  choices?: KeyChoices;
  /** Plays something, until the signal aborts; the first-digit time-out begins when it has resolved. */
  prompt?: (over: AbortSignal) => Promise<unknown>;
}

interface Running {
  gather: Gather;
  timer: TimerHandle | undefined;
  /** Aborts when a key is pressed, and at the end. */
  prompt: AbortController;
  /** Takes the abort listener away and settles the promise. */
  finish(outcome: DtmfResult | Error): void;
}

class Streams extends SafeEmitter<{ digit: [DigitEvent]; end: [] }> {
  send(digit: DigitEvent): void {
    this.emit('digit', digit);
  }

  end(): void {
    this.emit('end');
    this.removeAllListeners();
  }
}

/**
 * The digits that a peer presses during one call, each press once, and who gets them: a running gather and every
 * stream, or else a buffer of 64 digits (the oldest give way) from which the next gather or stream takes first.
 */
export class DigitCollector {
  readonly #merge = new DigitMerge();
  readonly #streams = new Streams();
  /** Filters of the streams; a digit that none of them wants is buffered. */
  readonly #wanted = new Set<(digit: DigitEvent) => boolean>();
  #buffer: DigitEvent[] = [];
  #running: Running | undefined;
  #ended = false;

  constructor(private readonly clock: Clock) {}

  /** Digits that were not taken yet. */
  get buffered(): readonly DigitEvent[] {
    return this.#buffer;
  }

  /**
   * Takes a complete digit of the peer; it is buffered when neither a gather nor a stream takes it.
   *
   * @returns whether it is a press of its own, and not the second report of one (see `DigitMerge`).
   */
  receive(digit: DigitEvent): boolean {
    if (this.#ended) return false;
    const running = this.#running?.gather.accepts(digit.method) ? this.#running : undefined;
    const isNew = this.#merge.accept(digit);
    const result = isNew ? running?.gather.push(digit) : undefined;
    if (running && result) running.finish(result);
    else if (running) this.#touch(running, running.gather.rules.interDigitMs);
    if (!isNew) return false;
    if (!running && ![...this.#wanted].some((wants) => wants(digit))) this.#keep([...this.#buffer, digit]);
    this.#streams.send(digit);
    return true;
  }

  /** The peer began to press a key: a gather does not time out under a long press (pitfall 12). */
  pressed(method: DigitEvent['method']): void {
    const running = this.#running;
    if (running?.gather.accepts(method))
      this.#touch(running, HELD_KEY_MS + running.gather.rules.interDigitMs);
  }

  /**
   * Collects digits, buffered ones first. Digits by methods that the gather does not want stay in the buffer;
   * those of an aborted gather go back into it. The end of the call is a result, not an error.
   *
   * @throws SipflowError (as rejection) CALL_STATE while another gather runs, BAD_CONFIG for options that make no
   * sense, INTERNAL when `options.signal` aborts, and what the prompt rejects with.
   */
  async gather(options: GatherOptions, { choices, prompt }: GatherExtras = {}): Promise<DtmfResult> {
    const gather = new Gather({ ...gatherRules(options), ...(choices ? { choices } : {}) });
    if (this.#running) {
      throw new SipflowError(
        'CALL_STATE',
        'Digits of this call are being gathered already. Wait for that to finish before gathering again.',
      );
    }
    if (options.signal?.aborted) throw aborted();
    if (options.flush) this.#buffer = [];
    const early = this.#takeBuffered(gather) ?? (this.#ended ? gather.ended() : undefined);
    return early ?? this.#start(gather, options.signal, prompt);
  }

  /**
   * Hands out every digit from now on, buffered ones first and at once, until the returned function is called
   * or the call ends; then, and only then, `onEnd` is called.
   *
   * @throws SipflowError CALL_STATE when 32 streams listen already.
   */
  stream(options: StreamOptions, onDigit: (digit: DigitEvent) => void, onEnd: () => void): () => void {
    if (this.#wanted.size >= MAX_STREAMS) {
      throw new SipflowError(
        'CALL_STATE',
        `${MAX_STREAMS} streams listen to the digits of this call already. Start one stream for a call, not one for each message.`,
      );
    }
    const methods = options.methods?.length ? options.methods : undefined;
    const wants = (digit: DigitEvent): boolean => methods?.includes(digit.method) ?? true;
    const waiting = options.flush ? [] : this.#buffer.filter(wants);
    this.#buffer = options.flush ? [] : this.#buffer.filter((digit) => !wants(digit));
    this.#wanted.add(wants);
    const undo = [
      () => this.#wanted.delete(wants),
      this.#streams.on('digit', (digit) => {
        if (wants(digit)) onDigit(digit);
      }),
      this.#streams.on('end', onEnd),
    ];
    for (const digit of waiting) onDigit(digit);
    if (this.#ended) this.#endStreams();
    return () => undo.forEach((remove) => remove());
  }

  /** The call is over: a gather gets what it has, streams end, later digits are ignored. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#running?.finish(this.#running.gather.ended());
    this.#endStreams();
  }

  #endStreams(): void {
    this.#wanted.clear();
    this.#streams.end();
  }

  #takeBuffered(gather: Gather): DtmfResult | undefined {
    const kept: DigitEvent[] = [];
    let result: DtmfResult | undefined;
    for (const digit of this.#buffer) {
      if (!result && gather.accepts(digit.method)) result = gather.push(digit);
      else kept.push(digit);
    }
    this.#buffer = kept;
    return result;
  }

  #start(
    gather: Gather,
    signal: AbortSignal | undefined,
    prompt: GatherExtras['prompt'],
  ): Promise<DtmfResult> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#keep([...gather.events, ...this.#buffer]);
        running.finish(aborted());
      };
      const running: Running = {
        gather,
        timer: undefined,
        prompt: new AbortController(),
        finish: (outcome) => {
          if (this.#running !== running) return;
          this.clock.clearTimeout(running.timer);
          running.prompt.abort();
          signal?.removeEventListener('abort', abort);
          this.#running = undefined;
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
      };
      this.#running = running;
      signal?.addEventListener('abort', abort, { once: true });
      const { firstDigitMs, interDigitMs } = gather.rules;
      if (gather.events.length > 0) return this.#touch(running, interDigitMs);
      if (!prompt) return this.#arm(running, firstDigitMs);
      const { signal: over } = running.prompt;
      prompt(over).then(
        () => !over.aborted && this.#arm(running, firstDigitMs),
        (error: unknown) => running.finish(toSipflowError(error)),
      );
    });
  }

  /** A key was pressed: no prompt any more, and the next key has its own time. */
  #touch(running: Running, ms: number): void {
    running.prompt.abort();
    this.#arm(running, ms);
  }

  #arm(running: Running, ms: number): void {
    this.clock.clearTimeout(running.timer);
    running.timer = this.clock.setTimeout(() => running.finish(running.gather.timedOut()), ms);
  }

  #keep(digits: DigitEvent[]): void {
    this.#buffer = digits.slice(-DEFAULTS.digitBuffer);
  }
}

function aborted(): SipflowError {
  return new SipflowError('INTERNAL', 'The gathering of digits was aborted.');
}
