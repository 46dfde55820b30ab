const MAX_NAMES = 12;
const MAX_NAME_LENGTH = 40;

/** Names as a list within a sentence, safe and short whatever the network sent. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const shown = names.slice(0, MAX_NAMES).map(printable);
  if (names.length > MAX_NAMES) shown.push(`${names.length - MAX_NAMES} more`);
  return shown.join(', ');
}

/** Text from the network, fit for a sentence: no control characters, at most 40 characters. */
export function printable(text: string): string {
  const clean = text.replace(/[^\x20-\x7e\u00a0-\ud7ff]/g, '?');
  return clean.length > MAX_NAME_LENGTH ? `${clean.slice(0, MAX_NAME_LENGTH - 1)}…` : clean;
}
