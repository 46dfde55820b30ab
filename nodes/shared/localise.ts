import type { NodeAPI } from 'node-red';
import { SipflowError, toSipflowError } from '../../lib/common';

/** The catalogue that holds a text for every error code, in every language. */
const CATALOGUE = '@sipflow/node-red-sipflow/sip-instance';

type Values = Record<string, string | number>;

let translate: ((key: string, values?: Values) => string) | undefined;

/** Sets Node-RED's translations; the module of `sip-instance`, which every flow needs, does so when it is loaded. */
export function useTranslations(RED: NodeAPI): void {
  translate = (key, values) => String(RED._(translationKey(key), values));
}

/** The key of a text of the catalogue, for those who translate it themselves, as the editor does with a status. */
export function translationKey(key: string): string {
  return `${CATALOGUE}:${key}`;
}

/** A text of the catalogue in the language of Node-RED's runtime, with `values` in it. */
export function translated(key: string, values: Values = {}): string {
  const text = translate?.(key, values) ?? translationKey(key);
  // Without catalogues, as in a runtime that serves no editor, there is only the key.
  return text === translationKey(key) ? [key.split('.').at(-1), ...Object.values(values)].join(' ') : text;
}

/** Fields of the form that are stored by another name than the library's setting has. */
const STORED: Readonly<Record<string, string>> = { number: 'dn' };

/**
 * An error for display, in the language of Node-RED's runtime: a heading in that language,
 * and the sentence of the library, which has the details, with the label of the phone's setting that it is about. The
 * `code` never changes; `msg.failure` and `msg.sip` are data and stay as they are.
 */
export function localised(error: unknown): SipflowError {
  const fault = toSipflowError(error);
  const form = translate?.('fault.form') ?? '';
  if (!translate || !form.includes('{message}')) return fault;
  const heading = translate(`fault.${fault.code}`);
  const message = `${fault.message}${labelOf(fault.field, translate)}`;
  const sentence = form.replace('{heading}', () => heading).replace('{message}', () => message);
  return sentence === fault.message
    ? fault
    : new SipflowError(fault.code, sentence, { cause: fault, field: fault.field });
}

/** A sentence with the label that a setting of the phone has in its form; '' when it has none. */
function labelOf(field: string | undefined, text: (key: string) => string): string {
  if (field === undefined) return '';
  const key = `label.${STORED[field] ?? field}`;
  const label = text(key);
  return label === translationKey(key) || label === key
    ? ''
    : ` ${text('fault.setting').replace('{label}', () => label)}`;
}
