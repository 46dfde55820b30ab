/**
 * Text from the network or the command line, safe for a terminal: characters that could move the cursor, change colours
 * or hide letters become `?`.
 */
export function safeText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}
