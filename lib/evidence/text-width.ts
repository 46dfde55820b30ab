/** Ranges of characters that take two columns: Hangul, Kana, Han, full-width forms, pictures. */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];
const FIRST_WIDE = 0x1100;
const FIRST_MARK = 0x300;
const COMBINING = /^\p{M}$/u;
/** Arrows, lines and signs, of which a ladder is drawn. */
const SIGNS = [0x2190, 0x2bff] as const;

/** Columns of one character. */
export function characterWidth(character: string): number {
  const code = character.codePointAt(0) as number;
  if (code < FIRST_MARK || (code >= SIGNS[0] && code <= SIGNS[1])) return 1;
  if (COMBINING.test(character)) return 0;
  return code >= FIRST_WIDE && WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Columns that a text takes in a terminal or a font of one width. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** At most that many columns of a text; the rest becomes `…`. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let width = 1;
  let result = '';
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    result += character;
  }
  return `${result}…`;
}

/** A text in at most `lines` lines of at most `columns`, broken behind a `·` or else at a blank where there is one. */
export function wrapText(text: string, columns: number, lines = 4): string[] {
  const result: string[] = [];
  let rest = text.trim();
  while (rest !== '' && result.length < lines - 1 && textWidth(rest) > columns) {
    const line = headOf(rest, Math.max(1, columns));
    result.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  if (rest !== '') result.push(fitText(rest, Math.max(1, columns)));
  return result;
}

/** The beginning of a text that fits, up to its last good place for a break if that is not too early. */
function headOf(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  let blank = 0;
  let part = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns && end > 0) break;
    end += character.length;
    if (character === ' ') blank = end;
    if (character === '·') part = end;
  }
  if (part >= end / 3) return text.slice(0, part);
  return text.slice(0, text[end] === ' ' || blank < end / 3 ? end : blank);
}
