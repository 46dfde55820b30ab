import { createSelfSigned } from '../../../lib/sip';

/** The certificate of the phone under test and of its peers, which trust each other by it. */
export const OWN = createSelfSigned();
