import { SipflowError } from '../../common/errors';
import { createSrtpReceiver, createSrtpSender, type SrtpReceiver, type SrtpSender } from '../srtp';
import type { MediaParameters } from '../types';

/** More than any suite appends to an RTP or RTCP packet. */
export const SRTP_ROOM = 32;

/** The secured halves of a session; both are undefined while it is not secured. */
export class Security {
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;

  get sender(): SrtpSender | undefined {
    return this.#sender;
  }

  get receiver(): SrtpReceiver | undefined {
    return this.#receiver;
  }

  /**
   * Takes over what was negotiated; keys that stay keep their counters and their memory of replays.
   *
   * @throws SipflowError BAD_CONFIG for a suite or key that cannot be used. The session must not go on then,
   *   so that nothing is ever sent in the clear by mistake.
   */
  configure({ srtp }: MediaParameters): void {
    if (!srtp) {
      this.#sender = undefined;
      this.#receiver = undefined;
      return;
    }
    const [sendMaster, receiveMaster] = [masterOf(srtp.sendKey), masterOf(srtp.receiveKey)];
    if (this.#sender && this.#receiver) {
      this.#sender.rekey(srtp.suite, sendMaster);
      this.#receiver.rekey(srtp.suite, receiveMaster);
    } else {
      const sender = createSrtpSender(srtp.suite, sendMaster);
      this.#receiver = createSrtpReceiver(srtp.suite, receiveMaster);
      this.#sender = sender;
    }
  }
}

/** Key and salt out of the key parameters of an `a=crypto` line (RFC 4568, 6.1). */
function masterOf(keyParameters: string): Uint8Array {
  const [key, ...options] = keyParameters.replace(/^inline:/i, '').split('|');
  if (options.some((option) => option.includes(':'))) {
    throw new SipflowError('BAD_CONFIG', 'SRTP keys with a master key identifier (MKI) are not supported.');
  }
  return Buffer.from(key, 'base64');
}
