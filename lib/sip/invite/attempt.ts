import type { AuthHeader } from '../auth';
import type { SipResponse } from '../message/sip-message';
import type { FinalOutcome } from '../transaction/outcomes';
import type { AgentDialog, InviteHandlers } from '../transaction/user-agent';

/** INVITE of the attempts. */
export interface InviteAttemptHost {
  /** The peer has said something, and is not left for its silence any more. */
  heard(): void;
  /** A 101–199. */
  progressed(response: SipResponse, dialog: AgentDialog | undefined): void;
  /** A 2xx; acknowledged at once, or before the result resolves. */
  accepted(response: SipResponse, dialog: AgentDialog, attempt: InviteAttempt): Promise<void> | undefined;
  failed(outcome: FinalOutcome): void;
}

/** One transmission of an INVITE of ours to one destination, with these credentials. */
export class InviteAttempt implements InviteHandlers {
  /** Whether the call has gone on to another destination: this one's answers do not count any more. */
  left = false;

  constructor(
    private readonly host: InviteAttemptHost,
    readonly credentials: readonly AuthHeader[],
    readonly endFork: InviteHandlers['endFork'],
  ) {}

  trying(): void {
    if (!this.left) this.host.heard();
  }

  progress(response: SipResponse, dialog: AgentDialog | undefined): void {
    if (this.left) return;
    this.host.heard();
    this.host.progressed(response, dialog);
  }

  accepted(response: SipResponse, dialog: AgentDialog): Promise<void> | undefined {
    if (!this.left) this.host.heard();
    return this.host.accepted(response, dialog, this);
  }

  failed(outcome: FinalOutcome): void {
    if (this.left) return;
    this.host.heard();
    this.host.failed(outcome);
  }
}
