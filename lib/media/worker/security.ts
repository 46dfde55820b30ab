import {
  createSrtpReceiver,
  createSrtpSender,
  masterKeysOf,
  type SrtpReceiver,
  type SrtpSender,
} from '../srtp';
import type { MediaParameters } from '../types';

/** More than any suite appends to an RTP or RTCP packet, with an MKI of 128 bytes. */
export const SRTP_ROOM = 160;

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
   * Takes over the negotiated keys; unchanged keys keep their rollover counters and replay windows.
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
    const sendMasters = masterKeysOf(srtp.sendKey);
    const receiveMasters = masterKeysOf(srtp.receiveKey);
    if (this.#sender && this.#receiver) {
      this.#sender.rekey(srtp.suite, sendMasters);
      this.#receiver.rekey(srtp.suite, receiveMasters);
    } else {
      const sender = createSrtpSender(srtp.suite, sendMasters);
      this.#receiver = createSrtpReceiver(srtp.suite, receiveMasters);
      this.#sender = sender;
    }
  }
}
