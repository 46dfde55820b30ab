import { parseTone } from '../../audio';
import type { AudioSource } from '../../media';
import type { BaseCall } from '../call';
import type { DialThroughOptions, PlaybackReport, Running } from '../types';

/** North America's, as of the examples; there is no way to tell the country of a caller. */
const USUAL = 'tone:ringback-us';

/** The sound that the options of a dial-through ask for; undefined for none. */
export function ringbackOf({ ringback = USUAL }: DialThroughOptions): AudioSource | undefined {
  return ringback.length > 0 ? ringback : undefined;
}

/**
 * Makes sure that the sound can be played, before anything is sent.
 *
 * @param probe looks at a file
 * @throws SipflowError (as rejection) BAD_AUDIO, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function checkRingback(
  source: AudioSource,
  probe: (source: AudioSource) => Promise<unknown>,
): Promise<void> {
  if (typeof source !== 'string') return void (await probe(source));
  const text = source.trim();
  if (/^tone:/i.test(text)) parseTone(text);
  else if (text !== 'silence') await probe(text);
}

/**
 * Ringing tone for a caller who is answered already: no 180 reaches it any more, so that it would hear nothing while a
 * target rings (RFC 3960, 3.2).
 */
export class Ringback {
  #playing: Promise<Running<PlaybackReport> | undefined> | undefined;
  /** Resolves when the last one sounds no longer: playbacks of one call are not mixed. */
  #silent: Promise<void> = Promise.resolve();

  /** @param source undefined for none */
  constructor(
    private readonly call: BaseCall,
    private readonly source: AudioSource | undefined,
  ) {}

  /** Does nothing while it sounds, for a call that is not answered, and while the flow plays something itself. */
  start(): void {
    const { call, source } = this;
    if (this.#playing || source === undefined || call.state !== 'answered') return;
    this.#playing = this.#silent.then(() => call.play({ source, loop: true })).catch(() => undefined);
  }

  /** Resolves when it sounds no longer; never rejects. */
  stop(): Promise<void> {
    const playing = this.#playing;
    this.#playing = undefined;
    if (playing) this.#silent = this.#end(playing);
    return this.#silent;
  }

  async #end(playing: Promise<Running<PlaybackReport> | undefined>): Promise<void> {
    const running = await playing;
    running?.stop();
    await running?.finished.catch(() => undefined);
  }
}
