import { EN } from './words-en';
import { KO } from './words-ko';

export type Language = 'en' | 'ko';
export type Words = typeof EN;

/** The texts of the page in a language. */
export function wordsIn(language: Language): Words {
  return language === 'ko' ? KO : EN;
}

/** What the reader has chosen, else what the report asks for, else what the browser likes. */
export function languageOf(chosen: string | undefined, asked: Language | undefined): Language {
  if (chosen === 'en' || chosen === 'ko') return chosen;
  return asked ?? (/^ko\b/i.test(navigator.language) ? 'ko' : 'en');
}
