import type { Line } from './channel';
import { LINE_CODECS } from './codecs';
import type { Prompt } from './prompts';

/** What else than loss and the codec a line does to a prompt. */
export const VARIANTS = [
  'plain',
  'quiet',
  'noise',
  'clock',
  'slips',
  'talk-over',
  'cut start',
  'all',
] as const;

/** Share of lost packets of each group of the results. */
export const LOSSES = { clean: 0, loss5: 0.05, loss20: 0.2 } as const;
export type LossName = keyof typeof LOSSES;

/**
 * The line of a trial: codec and variant take turns, so that each meets each.
 *
 * @param others prompts, one of which is the voice that speaks over it.
 */
export function lineOf(index: number, loss: LossName, others: readonly Prompt[]): Line & { variant: string } {
  const variant = VARIANTS[Math.floor(index / LINE_CODECS.length) % VARIANTS.length];
  const isAll = variant === 'all';
  const sign = index % 2 === 0 ? 1 : -1;
  return {
    variant,
    seed: 7919 * index + LOSSES[loss] * 1000,
    codec: LINE_CODECS[index % LINE_CODECS.length],
    loss: LOSSES[loss],
    ...(variant === 'quiet' || isAll ? { gainDb: -12 } : {}),
    ...(variant === 'noise' || isAll ? { snrDb: 20 } : {}),
    ...(variant === 'clock' || isAll ? { ppm: 200 * sign } : {}),
    ...(variant === 'slips' || isAll ? { slipsMs: [sign * (20 + (index % 3) * 20)] } : {}),
    ...(variant === 'talk-over' ? { talk: talkOf(others[(index + 1) % others.length]) } : {}),
    ...(variant === 'cut start' || isAll ? { cutMs: 100 + (index % 3) * 100 } : {}),
  };
}

function talkOf({ name, samples }: Prompt): Line['talk'] {
  return { name, voice: samples, db: -10 };
}
