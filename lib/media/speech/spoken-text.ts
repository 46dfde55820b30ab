import { SipflowError } from '../../common';

/** Characters of a text: two minutes or more of speech. */
export const LONGEST_TEXT = 4000;

const SPOKEN = /^say(?:\(([^()]*)\))?:(.*)$/is;
/**
 * Names of voices are arguments of a program and parts of file names: no option begins with a letter or digit, and
 * nothing here separates folders.
 */
const VOICE = /^[a-z0-9][a-z0-9_+.-]{0,63}$/i;

/** What is to be said, and by whom. */
export interface SpokenText {
  text: string;
  /** As the program that speaks calls it; absent: the one that it has for everything. */
  voice?: string;
}

/** Whether a source is to be said: `say:Hello`, `say(ko):…`. */
export function isSpoken(source: unknown): source is string {
  return typeof source === 'string' && /^\s*say\s*[(:]/i.test(source);
}

/**
 * Text and voice of a `say:` source.
 *
 * @throws SipflowError BAD_AUDIO when there is nothing to say, for a text that is too long or that has NUL characters,
 *   and for a voice that can be no name
 */
export function parseSpoken(source: string): SpokenText {
  const [, voice, rest = ''] = SPOKEN.exec(source.trim()) ?? [];
  const text = rest.trim();
  if (text === '') {
    throw bad(
      'There is nothing to say. Write the text behind the colon: say:Welcome, or say(ko):… with a voice.',
    );
  }
  if (text.length > LONGEST_TEXT) {
    throw bad(
      `The text to say has ${text.length} characters; ${LONGEST_TEXT} is the limit. Say it in parts.`,
    );
  }
  if (text.includes('\0')) throw bad('The text to say has a NUL character, which no program can read.');
  if (voice === undefined) return { text };
  const name = voice.trim();
  if (VOICE.test(name)) return { text, voice: name };
  throw bad(
    `${JSON.stringify(name.slice(0, 40))} can be no voice: its name begins with a letter or digit and has letters, digits, "-", "_", "+" and "." only, such as ko or en-us.`,
  );
}

/** The source for a text and a voice. */
export function spokenSource({ text, voice }: SpokenText): string {
  return voice === undefined ? `say:${text}` : `say(${voice}):${text}`;
}

function bad(sentence: string): SipflowError {
  return new SipflowError('BAD_AUDIO', sentence);
}
