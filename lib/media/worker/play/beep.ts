import { parseTone } from '../../../audio';
import { Player } from './player';
import { ToneSource } from './sample-source';

const BEEP_MS = 250;
const BEEP = parseTone(`tone:1000/${BEEP_MS},0`);

/** Beep that tells the caller to speak now. */
export function createBeep(sampleRate: number): Player {
  const nobody = { started: () => undefined, finished: () => undefined, failed: () => undefined };
  const player = new Player(sampleRate, BEEP_MS, nobody);
  player.ready(new ToneSource(BEEP, sampleRate));
  return player;
}
