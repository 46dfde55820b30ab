const CATALOGUE = '@sipflow/node-red-sipflow/sipflow';

/** A text of the sidebar in the language of the editor, with `values` in it. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  return RED._(`${CATALOGUE}:${key}`, values);
}

/** A text that may be missing, such as that of a state which a later version has; then `otherwise`. */
export function sayOr(key: string, otherwise: string): string {
  const text = say(key);
  return text === `${CATALOGUE}:${key}` || text === key ? otherwise : text;
}

/** The language of texts that the runtime makes. */
export function language(): 'en' | 'ko' {
  return /^ko\b/i.test(RED.i18n.lang()) ? 'ko' : 'en';
}
