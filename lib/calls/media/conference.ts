import { type Clock, SipflowError } from '../../common';
import { createConference, type MediaConference, type MediaSession } from '../../media';
import type { BaseCall } from '../call';
import { assertPlay } from '../option-rules';
import type {
  Call,
  Conference,
  ConferenceReport,
  ConferenceStay,
  PlaybackReport,
  PlayOptions,
  Running,
} from '../types';

interface Member {
  readonly session: MediaSession;
  /** Ends the stay. */
  out(reason: ConferenceReport['reason']): void;
}

/** A room of calls that hear each other: the audio is that of a `MediaConference`. */
export class CallConference implements Conference {
  readonly #audio: MediaConference = createConference();
  readonly #members = new Map<Call, Member>();
  #closed = false;

  /** @param own finds the call in the world of this conference; CALL_UNKNOWN, CALL_ENDED */
  constructor(
    private readonly own: (call: Call) => BaseCall,
    private readonly clock: Clock,
  ) {}

  get calls(): readonly Call[] {
    return [...this.#members.keys()];
  }

  async join(call: Call): Promise<ConferenceStay> {
    const { session } = await this.own(call).bridgeSide();
    if (this.#closed) throw new SipflowError('CALL_STATE', 'The conference is closed: make a new one.');
    this.#audio.join(session);
    const began = this.clock.now();
    const finished = new Promise<ConferenceReport>((resolve) => {
      const stopWatching = call.on('ended', () => this.#members.get(call)?.out('hangup'));
      const out = (reason: ConferenceReport['reason']): void => {
        this.#members.delete(call);
        stopWatching();
        resolve({ reason, durationMs: Math.round(this.clock.now() - began) });
      };
      this.#members.set(call, { session, out });
    });
    return { finished, stop: () => this.leave(call) };
  }

  leave(call: Call): void {
    const member = this.#members.get(call);
    if (!member) return;
    this.#audio.leave(member.session);
    member.out('left');
  }

  async play(options: PlayOptions): Promise<Running<PlaybackReport>> {
    assertPlay(options);
    if (this.#members.size === 0) {
      throw new SipflowError('CALL_ENDED', 'No call is in the conference, so nobody would hear it.');
    }
    const begun = await Promise.allSettled(this.calls.map((call) => call.play({ ...options, mix: true })));
    const running = succeeded(begun);
    const finished = Promise.allSettled(running.map((each) => each.finished)).then((ends) =>
      succeeded(ends).reduce((longest, next) => (next.playedMs > longest.playedMs ? next : longest)),
    );
    // Nobody need await the end.
    finished.catch(() => undefined);
    const each = (action: 'stop' | 'pause' | 'resume') => (): void => {
      for (const playback of running) playback[action]();
    };
    return { finished, stop: each('stop'), pause: each('pause'), resume: each('resume') };
  }

  close(): void {
    this.#closed = true;
    for (const call of this.calls) this.leave(call);
  }
}

/** The values of those that succeeded; throws the fault of the first when none did. */
function succeeded<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  const values = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const [first] = results;
  if (values.length === 0 && first?.status === 'rejected') throw first.reason;
  return values;
}
