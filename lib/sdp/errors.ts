/**
 * Why a text is no session description: `empty` nothing in it, `too-large` a limit of `SDP_LIMITS` is
 * exceeded, `version` another `v=` than 0, `malformed` a line that cannot be understood but matters.
 */
export type SdpFault = 'empty' | 'too-large' | 'version' | 'malformed';

/** The only thing that `parseSdp` throws. A request with such a body deserves a 400. */
export class SdpError extends Error {
  override readonly name = 'SdpError';

  /**
   * @param line number of the offending line, counted from 1, when there is one.
   */
  constructor(
    readonly reason: SdpFault,
    message: string,
    readonly line?: number,
  ) {
    super(line === undefined ? message : `${message} (line ${line})`);
  }
}
