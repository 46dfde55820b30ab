import type { Clock } from '../../common';
import type { SipDialog } from '../../sip';
import type { CallMedia } from '../media/call-media';
import type { AudioSource } from '../../media';
import type {
  DigitEvent,
  DtmfMethod,
  DtmfResult,
  GatherOptions,
  MenuOptions,
  MenuResult,
  SendDigitsOptions,
} from '../types';
import { DigitCollector, type StreamOptions } from './collector';
import { gatherRules } from './gather';
import { KeyChoices, runMenu } from './menu';
import { playPrompts } from './prompts';
import { DigitSender } from './sender';

/** Digits that a call remembers: the latest. */
const MAX_DIGITS = 1000;
const NONE: readonly DigitEvent[] = [];

/** Call of the digits. */
export interface CallDigitsHost {
  /** A press of the peer, once. */
  pressed(digit: DigitEvent): void;
}

/** The digits of one call in both directions, by every DTMF method. */
export class CallDigits {
  #collector: DigitCollector | undefined;
  /** Made for the first digit: most calls never see one. */
  #received: DigitEvent[] | undefined;
  /** Made for the first digits that we send. */
  #sender: DigitSender | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly media: CallMedia,
    private readonly phoneMethod: DtmfMethod,
    private readonly call: CallDigitsHost,
  ) {}

  /**
   * Sends digits once there is media. Errors are those of `DigitSender` and `CallMedia.ready`.
   *
   * @param dialog gives the dialog of the call, for digits by INFO
   */
  async send(
    options: SendDigitsOptions,
    dialog: () => SipDialog | undefined,
  ): Promise<{ method: DigitEvent['method'] }> {
    const session = await this.media.ready();
    this.#sender ??= new DigitSender(this.phoneMethod);
    return this.#sender.send(options, session, dialog());
  }

  /** See `DigitCollector.gather`; with a prompt also as `CallMedia.play`. */
  async gather(options: GatherOptions): Promise<DtmfResult> {
    return this.#ask(options.prompt === undefined ? [] : [options.prompt], options);
  }

  /**
   * Asks for one of several choices. See `runMenu`.
   *
   * @throws SipflowError (as rejection) BAD_CONFIG for choices that overlap, and as `gather`
   */
  async menu(options: MenuOptions): Promise<MenuResult> {
    const { bargeIn, firstDigitTimeout, interDigitTimeout, terminator, signal } = options;
    const choices = new KeyChoices(options.choices, terminator?.toUpperCase());
    const gathering = { bargeIn, firstDigitTimeout, interDigitTimeout, terminator, signal };
    return runMenu(options, choices, {
      ask: (prompts, flush) => this.#ask(prompts, { ...gathering, flush }, choices),
      tell: (prompt) => this.#play([prompt], signal),
    });
  }

  async #ask(
    prompts: readonly AudioSource[],
    options: GatherOptions,
    choices?: KeyChoices,
  ): Promise<DtmfResult> {
    const extras = choices ? { choices } : {};
    if (prompts.length === 0) return this.#collecting.gather(options, extras);
    if (options.bargeIn ?? true) {
      return this.#collecting.gather(options, { ...extras, prompt: (over) => this.#play(prompts, over) });
    }
    gatherRules(options);
    await this.#play(prompts, options.signal);
    return this.#collecting.gather(options, extras);
  }

  #play(prompts: readonly AudioSource[], signal: AbortSignal | undefined): Promise<boolean> {
    return playPrompts((options) => this.media.play(options), prompts, signal);
  }

  /** See `DigitCollector.stream`. */
  stream(options: StreamOptions, onDigit: (digit: DigitEvent) => void, onEnd: () => void): () => void {
    return this.#collecting.stream(options, onDigit, onEnd);
  }

  /** The peer began to press a key, as its audio or its RTP events show. */
  started(digit: string, method: DigitEvent['method']): void {
    this.media.digitStarted(digit);
    this.#collecting.pressed(method);
  }

  /** What the peer has pressed, each press once; the latest thousand. */
  get all(): readonly DigitEvent[] {
    return this.#received ?? NONE;
  }

  /** A complete digit in the media. */
  received(digit: DigitEvent): void {
    if (!this.#collecting.receive(digit)) return;
    const received = (this.#received ??= []);
    if (received.length === MAX_DIGITS) received.shift();
    received.push(digit);
    this.call.pressed(digit);
  }

  /** A digit by INFO, which is complete as it comes. */
  receivedByInfo(digit: DigitEvent): void {
    this.media.digitStarted(digit.digit);
    this.received(digit);
  }

  /** The call is over. */
  end(): void {
    this.#collector?.end();
  }

  /** Made when it is needed: most calls of a load test never see a digit. */
  get #collecting(): DigitCollector {
    return (this.#collector ??= new DigitCollector(this.clock));
  }
}
