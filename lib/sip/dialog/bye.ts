import type { TimerHandle } from '../../common';
import { answerChallenge, type AuthExchange, type Authenticator } from '../auth';
import type { HeaderField } from '../message/extra-headers';
import type { FinalOutcome, RequestHandlers } from '../transaction/outcomes';
import type { SipClock } from '../transaction/timer-settings';
import type { AgentDialog } from '../transaction/user-agent';

/** Our BYE of one dialog, from the wish to end it to the peer's answer. Made when the dialog is to end. */
export class DialogBye implements RequestHandlers {
  /** Fields of the flow; present while the BYE waits for the ACK to our 2xx. */
  #waiting: readonly HeaderField[] | undefined;
  #fields: readonly HeaderField[] = [];
  #exchange: AuthExchange | undefined;
  #timer: TimerHandle | undefined;
  #resolve: (() => void) | undefined;

  /** @param dialog is closed when the BYE has its final answer */
  constructor(
    private readonly clock: SipClock,
    private readonly core: AgentDialog,
    private readonly auth: Authenticator,
    private readonly dialog: { close(): void },
  ) {}

  /** Whether the BYE waits for the ACK to our 2xx. */
  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Sends the BYE as soon as it may be sent. Resolves with its answer (`done`), after 64·T1 at the latest. */
  start(fields: readonly HeaderField[]): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#timer = this.clock.setTimeout(() => this.#settle(), this.clock.transactionTimeout);
      this.#waiting = fields;
      // Until the ACK to our 2xx is in, the peer may not even know the dialog (RFC 3261, 15).
      if (!this.core.awaitingAck) this.release();
    });
  }

  /** Nothing holds the BYE back any longer. */
  release(): void {
    const fields = this.#waiting;
    if (!fields) return;
    this.#waiting = undefined;
    this.#fields = fields;
    this.#exchange = this.auth.begin({ method: 'BYE', uri: this.core.remoteTarget });
    this.core.bye({ fields: this.#withCredentials(this.#exchange) }, this);
  }

  /** The dialog is closed. */
  done(): void {
    this.#waiting = undefined;
    this.#settle();
  }

  /** The peer's answer to the BYE. */
  final({ response }: FinalOutcome): void {
    const exchange = this.#exchange;
    if (exchange && answerChallenge(exchange, response)?.kind === 'retry') {
      this.core.request('BYE', { fields: this.#withCredentials(exchange) }, this);
    } else {
      this.dialog.close();
    }
  }

  #withCredentials({ headers }: AuthExchange): readonly HeaderField[] {
    return headers.length === 0 ? this.#fields : [...this.#fields, ...headers];
  }

  #settle(): void {
    this.clock.clearTimeout(this.#timer);
    this.#resolve?.();
  }
}
