import { type Failure, toSipflowError } from '../../common';

/** What goes wrong in one session, and how much of it its call hears. */
export class SessionFaults {
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
}
