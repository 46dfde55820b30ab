import { createConference, type MediaConference, type MediaSession } from '../../media';
import type { BaseCall } from '../call';
import type { Call, Conference } from '../types';

interface Member {
  readonly session: MediaSession;
  readonly stopWatching: () => void;
}

/** A room of calls that hear each other: the audio is that of a `MediaConference`. */
export class CallConference implements Conference {
  readonly #audio: MediaConference = createConference();
  readonly #members = new Map<Call, Member>();
  #closed = false;

  /** @param own finds the call in the world of this conference; CALL_UNKNOWN, CALL_ENDED */
  constructor(private readonly own: (call: Call) => BaseCall) {}

  get calls(): readonly Call[] {
    return [...this.#members.keys()];
  }

  async join(call: Call): Promise<void> {
    const { session } = await this.own(call).bridgeSide();
    if (this.#closed) return;
    this.#audio.join(session);
    const stopWatching = call.on('ended', () => this.#members.delete(call));
    this.#members.set(call, { session, stopWatching });
  }

  leave(call: Call): void {
    const member = this.#members.get(call);
    if (!member) return;
    this.#members.delete(call);
    member.stopWatching();
    this.#audio.leave(member.session);
  }

  close(): void {
    this.#closed = true;
    for (const call of this.calls) this.leave(call);
  }
}
