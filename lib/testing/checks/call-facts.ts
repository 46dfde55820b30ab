import type { CallInfo, CallLookup, CallRecording, DigitEvent, TracedMessage } from '../../calls';
import { SipflowError } from '../../common';
import { RecordedAudio, type SoundFolders } from './recorded-audio';
import { SipFacts } from './sip-facts';

/** What is known of a call at one moment, alive or ended. */
export class CallFacts {
  readonly sip: SipFacts;
  #audio: RecordedAudio | undefined;

  constructor(
    readonly info: CallInfo,
    readonly digits: readonly DigitEvent[],
    private readonly recordings: readonly CallRecording[],
    messages: () => readonly TracedMessage[],
    private readonly folders: SoundFolders,
  ) {
    this.sip = new SipFacts(messages);
  }

  /** The latest recording that is final, else the latest. */
  get recording(): CallRecording | undefined {
    return this.recordings.findLast(({ final }) => final) ?? this.recordings.at(-1);
  }

  /** Level of that recording in dBFS; undefined without one, and when it cannot be read. */
  async recordingLevel(): Promise<number | undefined> {
    return this.#recorded?.level();
  }

  /** How much a part of that recording is like a sound, 0 to 1; undefined without a recording or without the sound. */
  async recordingScore(source: string): Promise<number | undefined> {
    return this.#recorded?.score(source);
  }

  get #recorded(): RecordedAudio | undefined {
    const file = this.recording?.file;
    return file === undefined ? undefined : (this.#audio ??= new RecordedAudio(file, this.folders));
  }
}

/**
 * The facts of a call, alive or ended.
 *
 * @param reference a CallRef or the id of a call, whatever it is
 * @returns undefined when there is no such call
 */
export async function factsOf(
  calls: CallLookup,
  reference: unknown,
  folders: SoundFolders = {},
): Promise<CallFacts | undefined> {
  let found: ReturnType<CallLookup['find']>;
  try {
    found = calls.find(reference);
  } catch (error) {
    if (error instanceof SipflowError && error.code === 'CALL_UNKNOWN') return undefined;
    throw error;
  }
  if ('call' in found) {
    const { call } = found;
    return new CallFacts(
      await call.info(),
      call.receivedDigits,
      call.recordings,
      () => call.trace(),
      folders,
    );
  }
  const { tombstone } = found;
  const { info, receivedDigits, recordings } = tombstone;
  return new CallFacts(info, receivedDigits, recordings, () => tombstone.trace(), folders);
}
