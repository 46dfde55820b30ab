import type { NodeAPI } from 'node-red';
import { SipflowError, toSipflowError } from '../../lib/common/errors';

/** The catalogue that holds a text for every error code, in every language. */
const CATALOGUE = '@sipflow/node-red-sipflow/sip-instance';

let translate: ((key: string) => string) | undefined;

/** Hands over Node-RED's translations; the module of `sip-instance`, which every flow needs, does so when it is loaded. */
export function useTranslations(RED: NodeAPI): void {
  translate = (key) => String(RED._(`${CATALOGUE}:${key}`));
}

/**
 * An error as people get to see it, in the language of Node-RED's runtime: what happened in that language,
 * and the sentence of the engine, which has the details. In English it is that sentence alone. The `code`
 * never changes; `msg.failure` and `msg.sip` are data and stay as they are.
 */
export function localised(error: unknown): SipflowError {
  const fault = toSipflowError(error);
  const form = translate?.('fault.form') ?? '';
  if (!translate || !form.includes('{message}')) return fault;
  const heading = translate(`fault.${fault.code}`);
  const sentence = form.replace('{heading}', () => heading).replace('{message}', () => fault.message);
  return sentence === fault.message ? fault : new SipflowError(fault.code, sentence, { cause: fault });
}
