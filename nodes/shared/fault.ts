import { toSipflowError, type SipflowError } from '../../lib/common/errors';

/**
 * The error to hand to Node-RED. A Catch node gets `String(error)` as its message, in which the name of
 * the class would stand before the sentence; here the sentence stands alone, and the code in `code`.
 */
export function toFault(error: unknown): SipflowError {
  const fault = toSipflowError(error);
  Object.defineProperty(fault, 'toString', { value: () => fault.message, configurable: true });
  return fault;
}
