import {
  AnswererDetector,
  type Detector,
  EndOfSpeechDetector,
  type NamedReference,
  ProgressToneDetector,
  PromptDetector,
  SilenceDetector,
  SpeechDetector,
} from '../../../audio';
import type { ListenRequest } from '../../types';

/**
 * Makes the detector of a request.
 *
 * @param references prompts; @param floorDbfs noise of the line, where it is known.
 * @throws SipflowError BAD_AUDIO for a tone or an answerer that is none, and for prompts that cannot be listened for.
 */
export function createDetector(
  { for: what, wanted, threshold, silenceMs }: ListenRequest,
  references: readonly NamedReference[],
  floorDbfs: number | undefined,
): Detector {
  switch (what) {
    case 'prompt':
      return new PromptDetector(references, threshold === undefined ? {} : { threshold });
    case 'speech':
      return new SpeechDetector(floorDbfs);
    case 'end-of-speech':
      return new EndOfSpeechDetector(silenceMs, floorDbfs);
    case 'silence':
      return new SilenceDetector(silenceMs, floorDbfs);
    case 'tone':
      return new ProgressToneDetector(wanted);
    case 'answerer':
      return new AnswererDetector(wanted);
  }
}
