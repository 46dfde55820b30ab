import { SipflowError } from '../common';
import type { Bridge } from './bridge-handle';
import { SessionHandle } from './session-handle';
import type { MediaConference, MediaSession } from './types';

/** Every two members are joined by a bridge of their own, so the work grows with the square of their number. */
const MAX_MEMBERS = 16;

interface Member {
  bridges: Set<Bridge>;
  stopWatching: () => void;
}

/** A conference as a mesh of bridges: each session sends the sum of the audio received by all others. */
export class Conference implements MediaConference {
  readonly #members = new Map<SessionHandle, Member>();

  get size(): number {
    return this.#members.size;
  }

  join(session: MediaSession): void {
    if (!(session instanceof SessionHandle)) {
      throw new SipflowError('CALL_STATE', 'Only calls of the real media engine can confer.');
    }
    if (session.isOver) throw new SipflowError('CALL_ENDED', 'The media session of this call is closed.');
    if (session.bridged) {
      throw new SipflowError('CALL_STATE', 'The call is in a bridge or conference already; end that first.');
    }
    if (this.#members.size >= MAX_MEMBERS) {
      throw new SipflowError(
        'CONFERENCE_FULL',
        `The conference has ${MAX_MEMBERS} calls, which is the most: one has to leave first, or use another conference.`,
      );
    }
    const others = [...this.#members];
    const bridges = others.map(([other, member]) => {
      const bridge = other.connect(session);
      member.bridges.add(bridge);
      return bridge;
    });
    this.#members.set(session, {
      bridges: new Set(bridges),
      stopWatching: session.onEnd(() => this.leave(session)),
    });
  }

  leave(session: MediaSession): void {
    const member = this.#members.get(session as SessionHandle);
    if (!member) return;
    this.#members.delete(session as SessionHandle);
    member.stopWatching();
    for (const bridge of member.bridges) {
      bridge.end('stopped');
      for (const other of this.#members.values()) other.bridges.delete(bridge);
    }
  }

  close(): void {
    for (const session of [...this.#members.keys()]) this.leave(session);
  }
}
