import { parseTone } from '../../../audio';
import { toSipflowError } from '../../../common';
import type { PlayRequest } from '../../types';
import type { FileClient } from '../file-client';
import type { Player } from './player';
import { PromptSource, StreamSource, ToneSource, type SampleSource } from './sample-source';

/** Finds the samples of a source and hands them to the player, now or when the file worker has them. */
export function openSource(
  request: PlayRequest,
  sampleRate: number,
  files: FileClient,
  player: Player,
): void {
  const { source, strict = false, loop = false, offsetMs = 0 } = request;
  if (source === 'silence') {
    player.ready(ENDLESS_SILENCE);
    return;
  }
  if (typeof source === 'string' && source.startsWith('tone:')) {
    try {
      player.ready(new ToneSource(parseTone(source), sampleRate));
    } catch (error) {
      player.fail(toSipflowError(error, 'BAD_AUDIO').toFailure());
    }
    return;
  }
  let stream: StreamSource | undefined;
  const id = files.load({ source, strict, loop, offsetMs, sampleRate }, (event) => {
    switch (event.type) {
      case 'loaded': {
        const offset = Math.round((offsetMs * sampleRate) / 1000);
        player.ready(new PromptSource(new Int16Array(event.samples), event.durationMs, offset, loop));
        break;
      }
      case 'streaming':
        stream = new StreamSource(files, id, event.durationMs);
        player.ready(stream);
        break;
      case 'chunk':
        stream?.push(event.data, event.last);
        break;
      case 'failed':
        player.fail(event.failure);
        break;
    }
  });
}

const ENDLESS_SILENCE: SampleSource = {
  durationMs: 0,
  ended: false,
  read(pcm, offset, count) {
    pcm.fill(0, offset, offset + count);
    return count;
  },
  close: () => undefined,
};
