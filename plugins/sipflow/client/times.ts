/** `14:03:27`, in the time of the reader. */
export function clockText(epochMs: number): string {
  const date = new Date(epochMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** `0:07`, `12:40`, `1:02:03` */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The user part of a URI, or its host when it has none. */
export function numberOf(uri: string): string {
  const rest = uri.replace(/^(?:sips?|tel):/i, '').replace(/[;?].*$/s, '');
  return rest.split('@')[0] || rest;
}
