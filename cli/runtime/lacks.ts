import { createWorld } from '../../lib';
import { sentenceOf } from './cases';
import type { RunNeeds } from './protocol';

/** What this machine lacks of what a run needs, a sentence each. */
export async function lacksOf({ voices, codecs }: RunNeeds): Promise<string[]> {
  const world = createWorld();
  /** Why something cannot be done here. */
  const why = async (act: () => unknown): Promise<string | undefined> => {
    try {
      await act();
      return undefined;
    } catch (error) {
      return sentenceOf(error);
    }
  };
  try {
    const lacks = await Promise.all([
      ...voices.map(async (voice) => {
        const lack = await why(() => world.say(voice === '' ? 'say:1' : `say(${voice}):1`));
        return lack === undefined ? undefined : `Voice${voice === '' ? '' : ` ${voice}`}: ${lack}`;
      }),
      ...codecs.map((codec, index) =>
        why(() => world.phone({ number: `1${index}`, mode: 'simulation', codecs: [codec] }).start()),
      ),
    ]);
    return lacks.filter((lack) => lack !== undefined);
  } finally {
    await world.close();
  }
}
