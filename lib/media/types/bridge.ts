import type { MediaSession } from './session';

/** `closed`: one of the two sessions ended. */
export type MediaBridgeEnd = 'stopped' | 'closed';

export interface BridgeOptions {
  /**
   * Passes digits on that come as RFC 4733 events (or as tones that the other codec cannot carry); default false,
   * for callers that do it themselves.
   */
  digits?: boolean;
}

/** Two sessions whose audio is joined. */
export interface MediaBridge {
  /** Resolves when it is over; never rejects. */
  readonly finished: Promise<MediaBridgeEnd>;
  stop(): void;
}

/** Sessions of one engine that all hear each other: each hears the sum of all others, limited to 16 bits. */
export interface MediaConference {
  readonly size: number;
  /**
   * Adds a session until it leaves or closes. Throws CALL_STATE when it is in a bridge or conference, or of another
   * engine; CONFERENCE_FULL when there are 16; CALL_ENDED when it is closed.
   */
  join(session: MediaSession): void;
  /** Does nothing for a session that is not a member. */
  leave(session: MediaSession): void;
  /** Lets everybody leave. */
  close(): void;
}
