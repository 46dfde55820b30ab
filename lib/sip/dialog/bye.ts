import { answerChallenge, type Authenticator } from '../auth';
import type { HeaderField } from '../message/extra-headers';
import type { FinalOutcome } from '../transaction/outcomes';
import type { SipClock } from '../transaction/timer-settings';
import type { AgentDialog } from '../transaction/user-agent';

/** Our BYE of one dialog, from the wish to end it to the peer's answer. */
export class DialogBye {
  /** Present while the BYE waits for the ACK to our 2xx. */
  #send: (() => void) | undefined;
  #resolve: (() => void) | undefined;

  /** @param onAnswered the BYE has its final answer */
  constructor(
    private readonly clock: SipClock,
    private readonly core: AgentDialog,
    private readonly auth: Authenticator,
    private readonly onAnswered: () => void,
  ) {}

  /** Whether the BYE waits for the ACK to our 2xx. */
  get waiting(): boolean {
    return this.#send !== undefined;
  }

  /** Sends the BYE as soon as it may be sent. Resolves with its answer (`done`), after 64·T1 at the latest. */
  start(fields: readonly HeaderField[]): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.setTimeout(() => this.#resolve?.(), this.clock.transactionTimeout);
      const finish = (): void => {
        this.clock.clearTimeout(timer);
        resolve();
      };
      const send = (): void => this.#sendNow(fields);
      this.#resolve = finish;
      this.#send = send;
      // Until the ACK to our 2xx is in, the peer may not even know the dialog (RFC 3261, 15).
      if (!this.core.awaitingAck) this.release();
    });
  }

  /** Nothing holds the BYE back any longer. */
  release(): void {
    this.#send?.();
  }

  /** The dialog is closed. */
  done(): void {
    this.#send = undefined;
    this.#resolve?.();
  }

  #sendNow(fields: readonly HeaderField[]): void {
    this.#send = undefined;
    const auth = this.auth.begin({ method: 'BYE', uri: this.core.remoteTarget });
    const withCredentials = (): HeaderField[] => [
      ...fields,
      ...auth.headers.map(([name, value]): HeaderField => [name, value]),
    ];
    const final = ({ response }: FinalOutcome): void => {
      if (answerChallenge(auth, response)?.kind === 'retry') {
        this.core.request('BYE', { fields: withCredentials() }, { final });
      } else {
        this.onAnswered();
      }
    };
    this.core.bye({ fields: withCredentials() }, { final });
  }
}
