import type { CodecName } from '../../audio';
import { SipflowError } from '../../common';
import type { MediaEngine, MediaParameters, MediaPort, MediaSession, PortRequest } from '../../media';
import type { SeenAddress } from '../../sip';
import type { MediaStun } from './media-stun';

/** The RTP ports of one call and the session on them, which all its negotiations share. */
export class CallPorts {
  /** The latest SDP of each side that is about them. */
  local: string | undefined;
  remote: string | undefined;
  #port: MediaPort | undefined;
  #reserved: Promise<void> | undefined;
  #session: MediaSession | undefined;
  #closed = false;
  #released = false;

  constructor(private readonly engine: MediaEngine) {}

  get session(): MediaSession | undefined {
    return this.#session;
  }

  /** Whether a pair is bound that was not given back yet. */
  get held(): boolean {
    return this.#port !== undefined && !this.#released;
  }

  /**
   * Binds an RTP/RTCP pair, once, for those codecs. RTP_PORTS_EXHAUSTED, or CALL_ENDED when the call has ended
   * meanwhile.
   *
   * @param stun tells how peers see the pair; absent when they see it as it is
   */
  reserve(request: PortRequest, codecs: readonly CodecName[], stun: MediaStun | undefined): Promise<void> {
    return (this.#reserved ??= this.#reserve(request, codecs, stun));
  }

  /** Where a peer is to send its packets that sees us at that address. */
  placeFor({ address, outside }: SeenAddress): { address: string; rtpPort: number; rtcpPort: number } {
    const { mapping, rtpPort, rtcpPort } = this.#bound();
    if (!outside || mapping?.kind !== 'mapped') return { address, rtpPort, rtcpPort };
    return { address: mapping.address, rtpPort: mapping.rtpPort, rtcpPort: mapping.rtcpPort ?? rtcpPort };
  }

  /** Opens the session, which takes the ports over. */
  open(parameters: MediaParameters): MediaSession {
    return (this.#session = this.#bound().open(parameters));
  }

  /** Frees the pair when no session was opened; one that was is closed already. Idempotent. */
  release(): Promise<void> | undefined {
    this.#closed = true;
    if (this.#session || !this.#port) {
      this.#released = true;
      return undefined;
    }
    return this.#port.release().then(() => {
      this.#released = true;
    });
  }

  async #reserve(
    { address, portMin, portMax }: PortRequest,
    codecs: readonly CodecName[],
    stun: MediaStun | undefined,
  ): Promise<void> {
    const stunServer = stun && (await stun.destination());
    const request: PortRequest = { address, portMin, portMax, codecs };
    if (stunServer) request.stunServer = stunServer;
    const port = await this.engine.reserve(request);
    if (port.mapping) stun?.answered(port.mapping);
    if (this.#closed) {
      await port.release();
      throw new SipflowError('CALL_ENDED', 'The call ended while its RTP ports were being bound.');
    }
    this.#port = port;
  }

  #bound(): MediaPort {
    if (!this.#port) throw new SipflowError('INTERNAL', 'The RTP ports of the call were not reserved.');
    return this.#port;
  }
}
