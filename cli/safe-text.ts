/**
 * Text from the network or the command line, fit for a terminal: whatever could move the cursor, change colours or hide
 * letters becomes `?`.
 */
export function safeText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}
