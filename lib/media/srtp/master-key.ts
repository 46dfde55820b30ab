import { SipflowError } from '../../common/errors';
import { masterLength, SRTP_SUITE_NAMES, srtpSuite } from './suites';
import type { SrtpSuite } from './suites';

/**
 * The suite of a negotiated key, after checking that both fit.
 *
 * @throws SipflowError BAD_CONFIG that names the suite or the lengths, never the key.
 */
export function checkMaster(suiteName: string, master: Uint8Array): SrtpSuite {
  const suite = srtpSuite(suiteName);
  if (suite === undefined) {
    throw new SipflowError(
      'BAD_CONFIG',
      `SRTP suite ${suiteName} is not supported; offer one of ${SRTP_SUITE_NAMES.join(', ')}.`,
    );
  }
  if (master.length !== masterLength(suite)) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The SRTP key of ${suite.name} must be ${masterLength(suite)} bytes (key and salt), not ${master.length}.`,
    );
  }
  return suite;
}
