import type { MediaParameters } from '../../types';
import { SrtpReceiver, SrtpSender } from './srtp';

/** The secured halves of a session; both are undefined while it is not secured. */
export class Security {
  sender: SrtpSender | undefined;
  receiver: SrtpReceiver | undefined;
  #sendKey = '';
  #receiveKey = '';

  /**
   * Takes over what was negotiated. A key that stays keeps its counters and its memory of replays; a new one
   * starts with a rollover counter of zero (RFC 4568, 6.4).
   *
   * @throws SipflowError BAD_CONFIG for a suite or key that cannot be used; nothing is changed then, so
   *   that nothing is ever sent in the clear by mistake.
   */
  configure({ srtp }: MediaParameters): void {
    const sendKey = srtp ? `${srtp.suite} ${srtp.sendKey}` : '';
    const receiveKey = srtp ? `${srtp.suite} ${srtp.receiveKey}` : '';
    const sender =
      srtp && (sendKey === this.#sendKey ? this.sender : new SrtpSender(srtp.suite, srtp.sendKey));
    const receiver =
      srtp &&
      (receiveKey === this.#receiveKey ? this.receiver : new SrtpReceiver(srtp.suite, srtp.receiveKey));
    this.sender = sender;
    this.receiver = receiver;
    this.#sendKey = sendKey;
    this.#receiveKey = receiveKey;
  }
}
