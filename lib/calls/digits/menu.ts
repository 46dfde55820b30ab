import { SipflowError } from '../../common';
import type { AudioSource } from '../../media';
import type { DtmfResult, MenuChoice, MenuOptions, MenuResult } from '../types';
import { commonKeys, KeyPattern } from './key-pattern';
import { quoted } from './pattern-parser';

/** Choices of a menu, and how often it may ask. */
export const MAX_CHOICES = 50;
export const MAX_TRIES = 20;
const DEFAULT_TRIES = 3;

/** What digits mean to a menu. */
export interface Judgement {
  /** The choice that they are. */
  taken: MenuChoice | undefined;
  /** Whether a further key may make something else of them. */
  more: boolean;
}

/** The choices of a menu, none of which takes what another one takes. */
export class KeyChoices {
  readonly #patterns: readonly { choice: MenuChoice; pattern: KeyPattern }[];

  /** @throws SipflowError BAD_CONFIG for what is no choice, and for two that overlap, which it names */
  constructor(choices: readonly MenuChoice[], terminator = '') {
    if (choices.length === 0 || choices.length > MAX_CHOICES) {
      throw bad(`A menu has 1 to ${MAX_CHOICES} choices; this one has ${choices.length}.`);
    }
    this.#patterns = choices.map((choice) => ({ choice, pattern: new KeyPattern(choice.match) }));
    this.#patterns.forEach(({ choice, pattern }, index) => {
      for (const earlier of this.#patterns.slice(0, index)) {
        const keys = commonKeys(earlier.pattern, pattern);
        if (keys === undefined) continue;
        throw bad(
          `The choices ${named(earlier.choice)} and ${named(choice)} overlap: both take ${keys}. Change one of them.`,
        );
      }
      if (!pattern.takesWithout(terminator)) {
        throw bad(
          `The choice ${named(choice)} has a key that ends the input (${terminator}). Change one of them.`,
        );
      }
    });
  }

  judge(digits: string): Judgement {
    let taken: MenuChoice | undefined;
    let more = false;
    for (const { choice, pattern } of this.#patterns) {
      let progress = pattern.start;
      for (const key of digits) progress = pattern.step(progress, key);
      if (pattern.takes(progress)) taken = choice;
      more ||= pattern.goesOn(progress);
    }
    return { taken, more };
  }
}

/** What a menu does in its call. */
export interface MenuHost {
  /** Plays the prompts and gathers meanwhile; `flush` forgets what was pressed before. */
  ask(prompts: readonly AudioSource[], flush: boolean): Promise<DtmfResult>;
  /** Plays a last prompt to its end. False when the call is over. */
  tell(prompt: AudioSource): Promise<boolean>;
}

/**
 * Asks until a choice is made, the tries are used up or the call ends. Each try that failed is answered by its prompt,
 * the last one too.
 */
export async function runMenu(
  options: MenuOptions,
  choices: KeyChoices,
  host: MenuHost,
): Promise<MenuResult> {
  const { prompt, noInputPrompt, invalidPrompt, tries: most = DEFAULT_TRIES } = options;
  let complaint: AudioSource | undefined;
  for (let tries = 1; ; tries++) {
    const gathered = await host.ask(present(complaint, prompt), tries > 1);
    const { digits } = gathered;
    const taken = gathered.reason === 'ended' ? undefined : choices.judge(digits).taken;
    const result = (reason: MenuResult['reason']): MenuResult => ({
      choice: taken?.match ?? null,
      label: taken?.label ?? null,
      digits,
      tries,
      reason,
    });
    if (gathered.reason === 'ended') return result('ended');
    if (taken) return result('matched');
    const reason = digits === '' && gathered.reason === 'timeout' ? 'no-input' : 'invalid';
    complaint = reason === 'no-input' ? noInputPrompt : invalidPrompt;
    if (tries < most) continue;
    const heard = complaint === undefined || (await host.tell(complaint));
    return result(heard ? reason : 'ended');
  }
}

function present(...sources: (AudioSource | undefined)[]): AudioSource[] {
  return sources.filter((source) => source !== undefined);
}

function named({ match, label }: MenuChoice): string {
  return label === undefined || label === '' ? quoted(match) : `${quoted(match)} (${label.slice(0, 40)})`;
}

function bad(sentence: string): SipflowError {
  return new SipflowError('BAD_CONFIG', sentence, { field: 'choices' });
}
