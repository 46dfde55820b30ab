import { randomUUID } from 'node:crypto';
import type { MediaParameters, RtcpPacket, VoipMetrics } from '../../types';
import type { BoundPort } from '../bound-port';
import type { Capture } from '../capture/capture';
import { isAnswerable } from '../receive/answerable';
import type { Inbound } from '../receive/inbound';
import { SRTP_ROOM, type Security } from '../security';
import type { Outbound } from '../send/outbound';
import { RtcpSession } from './rtcp-session';
import { RtcpTap } from './rtcp-tap';
import { measureVoipMetrics } from './voip-metrics';

/** RTCP of a session on its sockets: destination of our reports, and whose reports are accepted. */
export class RtcpLink {
  readonly #session: RtcpSession;
  readonly #tap: RtcpTap;
  #parameters: MediaParameters;
  #clockRate = 8000;
  #reportedPackets = 0;
  /** Latest source address of the reports of a peer behind a NAT. */
  #seenAddress = '';
  #seenPort = 0;

  constructor(
    private readonly port: BoundPort,
    private readonly inbound: Inbound,
    private readonly security: Security,
    outbound: Outbound,
    parameters: MediaParameters,
    now: number,
    tell: (packet: RtcpPacket) => void,
    private readonly capture?: Capture,
  ) {
    this.#parameters = parameters;
    const { address, rtpPort } = port;
    this.#tap = new RtcpTap({ address, rtpPort, rtcpPort: rtpPort + 1 }, tell);
    this.#session = new RtcpSession(
      {
        ssrc: outbound.ssrc,
        sequences: inbound.sequences,
        get remoteSsrc() {
          return inbound.remoteSsrc;
        },
        jitterUnits: () => Math.round((inbound.jitter.ms * this.#clockRate) / 1000),
        senderInfo: (wallMs) => {
          if (outbound.packets === this.#reportedPackets) return undefined;
          this.#reportedPackets = outbound.packets;
          const { packets, octets, timestamp } = outbound;
          return { wallMs, rtpTimestamp: timestamp >>> 0, packets, octets };
        },
        voipMetrics: (rttMs) =>
          this.#parameters.rtcpXr ? measureVoipMetrics(inbound, this.#parameters, rttMs) : undefined,
      },
      randomUUID(),
      now,
    );
  }

  get rttMs(): number | undefined {
    return this.#session.rttMs;
  }

  /** VoIP metrics of the peer's newest extended report. */
  get remote(): VoipMetrics | undefined {
    return this.#session.remote;
  }

  configure(parameters: MediaParameters, clockRate: number): void {
    this.#parameters = parameters;
    this.#clockRate = clockRate;
  }

  /** Once per packet time: reports when it is due. */
  tick(now: number): void {
    if (now >= this.#session.nextDue) this.#send(now, false);
  }

  /** The session ends. */
  goodbye(now: number): void {
    this.#send(now, true);
  }

  /** Takes a packet that came to the RTP port, whatever it is. Only the peer's host is listened to. */
  accept(packet: Uint8Array, address: string, port: number): boolean {
    return this.#accept(packet, address, port, false);
  }

  #accept(packet: Uint8Array, address: string, port: number, onOwnPort: boolean): boolean {
    const known = address === this.inbound.source.address || address === this.#parameters.remote.address;
    // An authentic packet may come from anywhere.
    const isRead =
      (known || this.security.receiver !== undefined) && this.#read(packet, address, port, onOwnPort);
    if (!isRead) this.inbound.discarded++;
    return isRead;
  }

  /** The same for a packet that came to the RTCP port: a NAT shows where it takes reports for the peer (RFC 4961). */
  acceptFrom(packet: Uint8Array, address: string, port: number): void {
    if (!this.#accept(packet, address, port, true)) return;
    const isOfStream =
      this.#session.reporter !== undefined && this.#session.reporter === this.inbound.remoteSsrc;
    if (!isOfStream || !isAnswerable(address, port)) return;
    this.#seenAddress = address;
    this.#seenPort = port;
  }

  #read(packet: Uint8Array, address: string, port: number, onOwnPort: boolean): boolean {
    const { receiver } = this.security;
    const length = receiver ? receiver.unprotectRtcp(packet, packet.length) : packet.length;
    if (length <= 0) return false;
    const now = performance.now();
    if (onOwnPort) this.capture?.receivedReport(packet, length, address, port, now);
    else this.capture?.received(packet, length, address, port, now);
    const plain = packet.subarray(0, length);
    const isRtcp = this.#session.accept(plain, now, Date.now());
    if (isRtcp && this.#parameters.reportsRtcp) this.#tap.note('in', plain, { address, port }, onOwnPort);
    return isRtcp;
  }

  /** RTCP is rare, so a packet may be copied to get room for its authentication tag. */
  #protected(report: Uint8Array): Uint8Array {
    const { sender } = this.security;
    if (!sender) return report;
    const packet = new Uint8Array(report.length + SRTP_ROOM);
    packet.set(report);
    return packet.subarray(0, Math.max(0, sender.protectRtcp(packet, report.length)));
  }

  /** Until a report shows it, a NAT is assumed to keep the odd port above the RTP port. */
  #portBehindNat(address: string, rtpPort: number): number {
    return address === this.#seenAddress ? this.#seenPort : rtpPort + 1;
  }

  #send(now: number, bye: boolean): void {
    const { remote, rtcpMux, reportsRtcp } = this.#parameters;
    const { address, port, latched } = this.inbound.source;
    const report = this.#session.report(now, Date.now(), bye);
    if (remote.rtcpPort === 0 || port === 0) return;
    const packet = this.#protected(report);
    this.capture?.tick(now);
    const rtcpPort = rtcpMux ? port : latched ? this.#portBehindNat(address, port) : remote.rtcpPort;
    if (reportsRtcp) this.#tap.note('out', report, { address, port: rtcpPort }, !rtcpMux);
    if (rtcpMux) {
      this.capture?.sent(report, report.length, address, port);
      this.port.sendRtp(packet, packet.length, port, address);
      return;
    }
    this.capture?.sentReport(report, report.length, address, rtcpPort);
    this.port.sendRtcp(packet, rtcpPort, address);
  }
}
