import { type Failure, toSipflowError } from '../../common';

/** Faults of one session: reports them to its call, a defect of ours only once. */
export class SessionFaults {
  #broken = false;

  constructor(private readonly tell: (failure: Failure) => void) {}

  /** A fault of a codec. */
  codec(error: unknown): void {
    this.tell(toSipflowError(error).toFailure());
  }

  /** An unexpected error: it must not end the thread, which carries other calls. */
  defect(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    const message = `A defect of the media engine ended this call's audio: ${toSipflowError(error).message}.`;
    this.tell({ code: 'INTERNAL', message });
  }
}
