import { type Clock, DEFAULTS, type Failure, type TimerHandle } from '../../common';
import type { SipDialog } from '../../sip';

/** The setting of a phone, or its default, in milliseconds; 0 = no silence counts. */
export function rtpTimeoutMs({ rtpTimeout = DEFAULTS.rtpTimeout }: { rtpTimeout?: number }): number {
  return rtpTimeout * 1000;
}

/** How long the peer may take to answer whether it is there. */
const ANSWER_MS = 8_000;

/** Status codes of a peer that is gone: no answer, no such dialog, and not reachable. */
const GONE: readonly number[] = [408, 481, 503];

/** Interface of the call for the watch of its peer. */
export interface PeerWatchHost {
  readonly clock: Clock;
  /** Milliseconds without a packet that count as a silence. */
  readonly limitMs: number;
  /** Packets that came from the peer so far. */
  received(): Promise<number>;
  /** The confirmed dialog of the call; undefined until the peer has had its whole time since the answer. */
  dialog(): SipDialog | undefined;
  /** Whether the peer is to send, by the negotiated direction. */
  expects(): boolean;
  /** A silence began. */
  silent(): void;
  /** Neither packets nor an answer: the peer is gone. */
  lost(failure: Failure): void;
}

/**
 * Looks after a peer whose packets ceased, or never began although it has promised some. Silence alone proves nothing:
 * a phone that holds the call or suppresses silence sends nothing either. So the peer is asked in the dialog (OPTIONS;
 * RFC 3261, 11), again and again as long as it is silent, and only one that does not answer is lost.
 */
export class PeerWatch {
  #timer: TimerHandle | undefined;
  #looking = false;
  #asking = false;
  #noticedAgain = false;
  #over = false;

  constructor(private readonly host: PeerWatchHost) {}

  /** The media reports that the peer's packets ceased. */
  notice(): void {
    if (this.#over) return;
    this.host.silent();
    if (this.#looking) this.#noticedAgain = true;
    else void this.#look();
  }

  /**
   * The dialog broke.
   *
   * @returns whether it was our question that showed it (481): the peer is lost then
   */
  dialogBroke(): boolean {
    if (!this.#asking || this.#over) return false;
    this.#lose();
    return true;
  }

  /** The call ends. Idempotent. */
  stop(): void {
    this.#over = true;
    this.host.clock.clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    this.#looking = true;
    let known = await this.host.received();
    for (;;) {
      this.#noticedAgain = false;
      const dialog = this.host.dialog();
      const alive = !dialog || (await this.#answers(dialog));
      const received = await this.host.received();
      if (this.#over) return;
      if (!alive && received === known) return this.#lose();
      await this.#pause(this.host.limitMs);
      const now = await this.host.received();
      if (this.#over) return;
      if (!this.host.expects() || (now > known && !this.#noticedAgain)) break;
      known = now;
    }
    this.#looking = false;
  }

  /** Whether the peer says anything that shows that it knows the dialog. */
  async #answers(dialog: SipDialog): Promise<boolean> {
    const answer = dialog.request('OPTIONS').then(({ status }) => !GONE.includes(status));
    this.#asking = true;
    const answers = await Promise.race([answer, this.#pause(ANSWER_MS).then(() => false)]);
    this.#asking = false;
    return answers;
  }

  /** At the end of the call it does not resolve any more. */
  #pause(ms: number): Promise<void> {
    const { clock } = this.host;
    clock.clearTimeout(this.#timer);
    return new Promise((resolve) => (this.#timer = clock.setTimeout(resolve, ms)));
  }

  #lose(): void {
    this.stop();
    const seconds = this.host.limitMs / 1000;
    this.host.lost({
      code: 'TIMEOUT',
      message: `The other side is gone: it sent no audio for ${seconds} s and did not answer OPTIONS.`,
    });
  }
}
