import { SipflowError, toSipflowError, type Failure } from '../../common/errors';

/** Errors that a socket may report before the session is given up. */
const MAX_SOCKET_FAULTS = 50;

/** What goes wrong in one session, and how much of it its call hears. */
export class SessionFaults {
  #socketFaults = 0;
  #broken = false;

  constructor(private readonly tell: (failure: Failure) => void) {}

  /** A codec cannot go on. */
  codec(error: unknown): void {
    this.tell(toSipflowError(error).toFailure());
  }

  /** A defect that one call meets must not end the thread, which has many. */
  defect(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    const message = `A defect of the media engine ended this call's audio: ${toSipflowError(error).message}.`;
    this.tell({ code: 'INTERNAL', message });
  }

  /** A single error of a socket says little: an unreachable port is one. */
  socket(error: Error): void {
    if (++this.#socketFaults !== MAX_SOCKET_FAULTS) return;
    const failure = new SipflowError('TRANSPORT', `The RTP socket of this call failed: ${error.message}.`);
    this.tell(failure.toFailure());
  }
}
