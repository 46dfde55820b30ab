import { el } from '../../../lib/page';
import { Refusal } from './api';
import { say } from './words';

/** Tells the user in a note of the editor; the text is never markup. */
export function notify(text: string, type: 'success' | 'error'): void {
  const timeout = type === 'success' ? { timeout: 2_500 } : {};
  RED.notify(el('span', {}, text), { type, id: 'sipflow-sidebar', ...timeout });
}

/** Why something could not be done, as a sentence. */
export function faultText(error: unknown): string {
  if (!(error instanceof Refusal)) return error instanceof Error ? error.message : String(error);
  if (error.isForbidden) return say('fault.forbidden');
  if (error.status === 0) return say('fault.unreachable');
  if (error.status === 404 || error.status === 410) return say('fault.gone');
  return error.message || say('fault.unreachable');
}

/** Runs an action of a button; a fault is told to the user. */
export function attempt(action: () => Promise<void>): void {
  action().catch((error: unknown) => notify(faultText(error), 'error'));
}

/** Has the browser save a document. */
export function save(document_: Blob, name: string): void {
  const url = URL.createObjectURL(document_);
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
