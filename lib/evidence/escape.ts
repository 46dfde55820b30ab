/**
 * Text from the network for people to read. It may contain markup, terminal commands or characters that disguise it;
 * each view passes every text through one of these functions.
 */

const REPLACEMENT = '\ufffd';
/** The first of the 32 pictures of control characters: ␀ */
const CONTROL_PICTURES = 0x2400;
const DELETE_PICTURE = '\u2421';

/** Invisible, turns the direction of writing, or no character at all (also a surrogate without its other half). */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
/** Which of two forms a character is drawn in: part of usual texts, and harmless. */
const VARIATIONS = '\ufe0e\ufe0f';

function isUnseen(character: string, code: number): boolean {
  return code >= 0x80 && UNSEEN.test(character) && !VARIATIONS.includes(character);
}

/** Makes each character one that can be seen; `kept` are the control characters that stay. */
function seen(text: string, kept: string): string {
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x20 && !kept.includes(character)) result += String.fromCharCode(CONTROL_PICTURES + code);
    else if (code === 0x7f) result += DELETE_PICTURE;
    else result += isUnseen(character, code) ? REPLACEMENT : character;
  }
  return result;
}

/**
 * For a terminal or a plain file: one line without control characters (ANSI sequences, NUL, C1), without marks that
 * turn the direction of writing, and without lone surrogates.
 */
export function escapeTerminal(text: string): string {
  return seen(text, '');
}

/**
 * For the text of an element that a program makes, which has no markup: line ends and tabs stay, other characters that
 * cannot be seen are replaced.
 */
export function escapeUnseen(text: string): string {
  return seen(text, '\t\n\r');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * For elements and quoted attributes of HTML and XML 1.0. Line ends and tabs stay; characters that XML forbids, or that
 * cannot be seen, are replaced.
 */
export function escapeXml(text: string): string {
  return escapeUnseen(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** For a line of Markdown (CommonMark, GitHub): ASCII punctuation loses its meaning, line ends become blanks. */
export function escapeMarkdown(text: string): string {
  return seen(text.replace(/\s+/g, ' ').trim(), '').replace(/[!-/:-@[-`{-~]/g, (mark) =>
    mark === '<' || mark === '&' ? ENTITIES[mark] : `\\${mark}`,
  );
}

/**
 * For a text in a Mermaid sequence diagram: letters, digits and a few marks stay, anything else becomes an entity of
 * Mermaid (`#59;`). Two words go the same way, after which Mermaid's own replacement of entities would lose a
 * semicolon.
 */
export function escapeMermaid(text: string): string {
  return seen(text.replace(/\s+/g, ' ').trim(), '')
    .replace(/[^\p{L}\p{N}\p{M} .,()+/=@·→←×…✓✗▸♪◉●_-]/gu, (mark) => `#${mark.codePointAt(0)};`)
    .replace(/style|classDef/gi, (word) => `#${word.charCodeAt(0)};${word.slice(1)}`);
}

/** A value as JSON that may also stand in a `<script>` of a page. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
