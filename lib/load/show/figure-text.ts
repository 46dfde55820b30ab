/** A number with as many digits as a reader needs: `0.42`, `7.3`, `128`. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return countText(Math.round(value));
  return String(Number(value.toFixed(size >= 10 ? 1 : 2)));
}

/** A figure with its unit: `12 ms`, `1.24 s`, `0.5 %`, `4.41`. */
export function figureText(value: number, unit: string): string {
  if (unit === 'ms' && value >= 1000) return `${numberText(value / 1000)} s`;
  return unit === '' ? numberText(value) : `${numberText(value)} ${unit}`;
}

/** A count with its thousands apart: `12,000`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** A share from 0 to 1 as percent. */
export function shareText(share: number): string {
  return figureText(share * 100, '%');
}

/** A moment of a run: `4:07`, `1:00:00`. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
