import { resolve } from 'node:path';
import type * as Detector from '../../lib/dtmf/inband-detector';
import { RATE } from './signals';

export interface Heard {
  digit: string;
  atMs: number;
  durationMs: number;
}

/** All digits in a piece of audio. */
export type Listen = (samples: Int16Array) => Heard[];

/**
 * A listener by the detector of a checkout, so that two can be compared.
 *
 * @param root of the checkout
 */
export async function listenerOf(root: string): Promise<Listen> {
  const path = resolve(root, 'lib/dtmf/inband-detector');
  const { InbandDetector } = (await import(`${path}.ts`)) as typeof Detector;
  return (samples) => {
    const heard: Heard[] = [];
    const detector = new InbandDetector(
      { sampleRate: RATE },
      {
        start: () => undefined,
        digit: (digit, atMs, durationMs) =>
          heard.push({ digit, atMs: Math.round(atMs), durationMs: Math.round(durationMs) }),
      },
    );
    for (let at = 0; at < samples.length; at += 160) {
      detector.add(samples, at, Math.min(160, samples.length - at));
    }
    detector.flush();
    return heard;
  };
}
