import type { VoipMetrics } from '../../types';
import type { SequenceTracker } from '../receive/sequence-tracker';
import { parseCompound, roundTripMs, type SenderInfo, writeCompound } from './packets';
import { writeVoipMetrics, type OwnVoipMetrics } from './xr';

/** Minimum interval of RFC 3550, 6.2; with two participants the bandwidth never asks for more. */
const INTERVAL_MS = 5000;
/** Compensates for the reconsideration that the standard's interval assumes (RFC 3550, 6.3.1). */
const COMPENSATION = Math.E - 1.5;

/** RTP state of a session as its RTCP needs it. */
export interface RtcpView {
  readonly ssrc: number;
  readonly remoteSsrc: number | undefined;
  readonly sequences: SequenceTracker;
  /** RFC 3550 jitter in units of the RTP clock. */
  jitterUnits(): number;
  /** Sender info of an SR; undefined when nothing was sent since the last report: then an RR goes out. */
  senderInfo(wallMs: number): SenderInfo | undefined;
  /** VoIP metrics for an extended report; undefined when the peer does not want one, or before any audio was played. */
  voipMetrics?(rttMs: number | undefined): OwnVoipMetrics | undefined;
}

/** RTCP of one session: schedules and writes our reports, reads the peer's. Pure: time is passed in. */
export class RtcpSession {
  /** Round-trip time of the newest report that allowed one, in milliseconds. */
  rttMs: number | undefined;
  /** VoIP metrics of the peer's newest extended report. */
  remote: VoipMetrics | undefined;
  /** SSRC of the sender of the newest report. */
  reporter: number | undefined;
  /** Due time of the next report, monotonic milliseconds. */
  nextDue: number;
  #lastSenderReport = 0;
  #lastSenderReportAt = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;

  constructor(
    private readonly view: RtcpView,
    private readonly cname: string,
    now: number,
    private readonly random: () => number = Math.random,
  ) {
    // The first report comes after half the interval (RFC 3550, 6.2).
    this.nextDue = now + this.#interval() / 2;
  }

  /** The report that is due now; plans the next one. */
  report(now: number, wallMs: number, bye = false): Uint8Array {
    this.nextDue = now + this.#interval();
    return writeCompound({
      ssrc: this.view.ssrc,
      cname: this.cname,
      sender: this.view.senderInfo(wallMs),
      block: this.#block(now),
      extended: this.#extended(),
      bye,
    });
  }

  /** Reads a compound packet of the peer; returns false for one that is no RTCP. */
  accept(packet: Uint8Array, now: number, wallMs: number): boolean {
    const report = parseCompound(packet, this.view.ssrc);
    if (!report) return false;
    this.reporter = report.ssrc;
    if (report.senderReport !== undefined) {
      this.#lastSenderReport = report.senderReport;
      this.#lastSenderReportAt = now;
    }
    for (const block of report.blocks) {
      if (block.ssrc === this.view.ssrc) this.rttMs = roundTripMs(block, wallMs) ?? this.rttMs;
    }
    this.remote = report.metrics ?? this.remote;
    return true;
  }

  #extended(): Uint8Array | undefined {
    const { ssrc, remoteSsrc } = this.view;
    const metrics = this.view.voipMetrics?.(this.rttMs);
    return metrics && remoteSsrc !== undefined ? writeVoipMetrics(ssrc, remoteSsrc, metrics) : undefined;
  }

  #block(now: number): Parameters<typeof writeCompound>[0]['block'] {
    const { remoteSsrc, sequences } = this.view;
    if (remoteSsrc === undefined) return undefined;
    const expected = sequences.expected - this.#expectedBefore;
    const lost = expected - (sequences.received - this.#receivedBefore);
    this.#expectedBefore = sequences.expected;
    this.#receivedBefore = sequences.received;
    return {
      ssrc: remoteSsrc,
      fractionLost: expected > 0 && lost > 0 ? Math.min(255, Math.floor((lost * 256) / expected)) : 0,
      cumulativeLost: sequences.expected - sequences.received,
      highestSequence: sequences.highest - 0x10000,
      jitter: this.view.jitterUnits(),
      lastSenderReport: this.#lastSenderReport,
      delaySinceLast:
        this.#lastSenderReport === 0 ? 0 : Math.floor(((now - this.#lastSenderReportAt) * 0x10000) / 1000),
    };
  }

  #interval(): number {
    return (INTERVAL_MS * (0.5 + this.random())) / COMPENSATION;
  }
}
