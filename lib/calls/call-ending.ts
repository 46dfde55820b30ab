import type { MediaStatistics } from '../media';
import type { FinaliserSteps } from './finaliser';
import type { CallMedia } from './media/call-media';
import type { CallPeer } from './peer/call-peer';
import type { EndCause } from './peer/leg';

/** What one call gives back when it ends: its audio, its recordings, its signalling and its ports. */
export class CallEnding implements FinaliserSteps {
  /** @param notifies whether the peer is told; not when it has ended the call itself */
  constructor(
    private readonly media: CallMedia,
    private readonly peer: CallPeer,
    private readonly cause: EndCause,
    private readonly notifies: boolean,
  ) {}

  stopSending(): void {
    this.media.stopSending('hangup');
  }

  finishRecordings(): Promise<void> | undefined {
    return this.media.finishRecordings();
  }

  endSignalling(): Promise<void> | undefined {
    return this.notifies ? this.peer.leg?.end(this.cause) : undefined;
  }

  closeMedia(): Promise<MediaStatistics | undefined> | undefined {
    const { negotiation } = this.peer;
    const closing = this.media.close();
    // The ports of a session are free when it is closed; the negotiation gives back those that none was opened on.
    if (!closing) return negotiation.release()?.then(() => undefined);
    return closing.then((figures) => {
      void negotiation.release();
      return figures;
    });
  }
}
