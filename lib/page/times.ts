/** `340 ms`, `1.2 s`, `3:05 min` */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const whole = Math.round(ms / 1_000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}

/** Time within an attempt: `1.234 s` */
export function timeText(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}

/** A moment as the reader writes it. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'medium' });
}
