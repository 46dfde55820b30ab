import { randomInt } from 'node:crypto';
import type { CodecName } from '../../audio';
import type { MediaParameters, MediaSession, PortRequest } from '../../media';
import {
  applyAnswer,
  createAnswer,
  createOffer,
  hostNames,
  type LocalAudio,
  type NegotiatedAudio,
  type NegotiationFailure,
  type SessionDescription,
  type SrtpSuite,
} from '../../sdp';
import type { SeenAddress } from '../../sip';
import type { CallPorts } from './call-ports';
import type { MediaHosts } from './media-hosts';
import type { MediaStun } from './media-stun';

export interface NegotiationOptions {
  ports: PortRequest;
  ptimeMs: number;
  /** SDES policy; `off` when absent. */
  srtp?: 'off' | 'optional' | 'required';
  /** Suites that are offered and accepted, in order of preference. */
  srtpSuites?: readonly SrtpSuite[];
  jitterBuffer?: MediaParameters['jitterBuffer'];
  concealment?: MediaParameters['concealment'];
  /** Packets that are kept for captures; none when absent. */
  capture?: MediaParameters['capture'];
  statisticsIntervalMs?: number;
  /** Whether somebody wants to see the RTCP of new sessions. */
  reportsRtcp?: () => boolean;
  /** Silence of the peer that is reported, in milliseconds; 0 = never. */
  rtpTimeoutMs?: number;
  /** Whether sessions keep their received audio for listeners that come later. */
  remembers?: () => boolean;
  /** Tells how peers beyond a NAT see our ports. */
  stun?: MediaStun | undefined;
  /** Finds host names in the peer's `c=` lines; without it such a line names no address. */
  hosts?: MediaHosts;
}

/** Host names that a call remembers; a peer that goes on inventing names has them looked up anew. */
const MAX_HOSTS = 16;

/** Of this process, so that the ids of two of them differ. */
const SESSION_ID_START = String(randomInt(2 ** 30, 2 ** 31 - 1));
let sessions = 0;

/** The id in an `o=` line: a number that no other session of ours has had (RFC 8866, 5.2). */
function newSessionId(): string {
  sessions = (sessions + 1) % 1e8;
  return SESSION_ID_START + String(sessions).padStart(8, '0');
}

/** Call of a negotiation. */
export interface NegotiationHost {
  /** Offer and answer have opened the session of the call. */
  opened(session: MediaSession): void;
}

/** Result of an offer or answer. */
export type NegotiationResult<T> = ({ ok: true } & T) | NegotiationFailure;

/**
 * Offer/answer (RFC 3264) of one call, and the only way to a media session: a session comes into being
 * when an offer and its answer are complete, never before (pitfall 1).
 */
export class Negotiation {
  #offer: SessionDescription | undefined;
  /** Result of the last complete offer/answer exchange with this peer. */
  #agreed: NegotiatedAudio | undefined;
  /** Whether the last exchange was an offer of the peer. */
  #answersPeer = false;
  #codecs: readonly CodecName[];
  #lastDescription: string | undefined;
  /** Address that goes into SDP, and whether the peer sees us through a NAT. */
  #seenAs: SeenAddress;
  #holding = false;
  /** Whether the next offer names the codecs as they are wanted, instead of the one in use first. */
  #changingCodecs = false;
  /** Addresses of the host names that the peer has sent, themselves for those that have none. */
  #hosts: ReadonlyMap<string, string> | undefined;
  #lookingUp: Promise<void> | undefined;
  #version = 0;

  constructor(
    private readonly ports: CallPorts,
    private readonly options: NegotiationOptions,
    codecs: readonly CodecName[],
    private readonly call: NegotiationHost,
    /** In the `o=` line of our descriptions. */
    private readonly sessionId = newSessionId(),
  ) {
    this.#codecs = codecs;
    this.#seenAs = { address: options.ports.address, outside: false };
  }

  get session(): MediaSession | undefined {
    return this.ports.session;
  }

  /** Whether the call's RTP ports are bound still. */
  get holdsPorts(): boolean {
    return this.ports.held;
  }

  get codecs(): readonly CodecName[] {
    return this.#codecs;
  }

  /** The negotiated codec, once there is one. */
  get codec(): CodecName | undefined {
    return (this.#agreed ?? this.session?.parameters)?.codec.name;
  }

  /** Our last offer or answer, for a repeated 200 and for a re-INVITE without SDP. */
  get localDescription(): string | undefined {
    return this.#lastDescription;
  }

  /** The latest SDP of each side, whichever of the call's negotiations it belongs to. */
  get descriptions(): { local: string | undefined; remote: string | undefined } {
    const { local, remote } = this.ports;
    return { local, remote };
  }

  /** Notes an offer that is to be answered later. */
  heard(offer: string | undefined): void {
    if (offer !== undefined) this.ports.remote = offer;
  }

  /**
   * Offers these codecs from now on, in this order, whichever is in use.
   *
   * @returns a function that restores the former codecs, for an offer that was refused
   */
  changeCodecs(codecs: readonly CodecName[]): () => void {
    const before = this.#codecs;
    this.#codecs = codecs;
    this.#changingCodecs = true;
    return () => {
      this.#codecs = before;
      this.#changingCodecs = false;
    };
  }

  /** Sets our media address toward the peer; before `reserve`, which finds the ports that belong to it. */
  advertise(seenAs: SeenAddress): void {
    this.#seenAs = seenAs;
  }

  /** Narrows or replaces the codec list before an offer or answer was made. */
  useCodecs(codecs: readonly CodecName[]): void {
    this.#codecs = codecs;
  }

  /** Whether our next offers and answers hold the peer (`sendonly`; RFC 3264, 8.4). */
  hold(holding: boolean): void {
    this.#holding = holding;
  }

  /** Binds an RTP/RTCP pair, once. RTP_PORTS_EXHAUSTED, or CALL_ENDED when the call went away meanwhile. */
  reserve(): Promise<void> {
    const { ports, stun } = this.options;
    return this.ports.reserve(ports, this.#codecs, this.#seenAs.outside ? stun : undefined);
  }

  /**
   * Finds the addresses of host names in the `c=` lines of an offer or answer of the peer, before it is used. Later
   * descriptions wait for a running look-up too, so that they are not used first.
   *
   * @returns undefined when nothing is to be waited for; otherwise resolves within two seconds, and never rejects.
   */
  lookUp(sdp = ''): Promise<void> | undefined {
    const { hosts } = this.options;
    const named = hosts ? hostNames(sdp) : [];
    if (!hosts || named.length === 0) return this.#lookingUp;
    const unknown = named.filter(({ name }) => !this.#hosts?.has(name));
    if (unknown.length === 0) return this.#lookingUp;
    const looking: Promise<void> = Promise.all(unknown.map((host) => hosts.find(host))).then((found) => {
      // A name without an address stays as it is; the negotiation reports it.
      const pairs = unknown.map(({ name }, index) => [name, found[index] ?? name] as const);
      const kept = this.#hosts && this.#hosts.size < MAX_HOSTS ? this.#hosts : [];
      this.#hosts = new Map([...kept, ...pairs]);
      if (this.#lookingUp === looking) this.#lookingUp = undefined;
    });
    return (this.#lookingUp = looking);
  }

  /** Our offer, first or repeated. Needs `reserve`. */
  offer(): string {
    this.#version += 1;
    const { text, description } = createOffer(this.#local());
    this.#offer = description;
    this.#lastDescription = text;
    this.ports.local = text;
    this.#answersPeer = false;
    return text;
  }

  /** Completes our offer with the peer's answer and opens or updates the session. */
  complete(answer: string): NegotiationResult<{ session: MediaSession }> {
    if (this.#offer === undefined) {
      return { ok: false, reason: 'malformed', diagnosis: 'The peer answered an offer that was never made.' };
    }
    this.ports.remote = answer;
    const result = applyAnswer(this.#offer, answer, this.#local());
    if (!result.ok) return result;
    return { ok: true, session: this.#apply(result.audio) };
  }

  /**
   * Answers the peer's offer. The session is not opened yet: `open` does that when the answer has left,
   * so that no packet precedes the response that announces it.
   */
  answer(
    offer: string,
  ): NegotiationResult<{ answer: string; audio: NegotiatedAudio; open: () => MediaSession }> {
    this.#version += 1;
    this.ports.remote = offer;
    const result = createAnswer(offer, this.#local());
    if (!result.ok) return result;
    this.#lastDescription = result.answer;
    this.ports.local = result.answer;
    this.#answersPeer = true;
    return { ok: true, answer: result.answer, audio: result.audio, open: () => this.#apply(result.audio) };
  }

  /**
   * The negotiation with another peer on the same ports. The session of this one goes on: it turns to the new peer
   * when the successor's offer and answer are complete, and only then.
   *
   * @param sessionId a fresh one when absent
   */
  successor(sessionId?: string): Negotiation {
    const next = new Negotiation(this.ports, this.options, this.#codecs, this.call, sessionId);
    next.#seenAs = this.#seenAs;
    return next;
  }

  /**
   * The negotiation with one fork of our INVITE: it begins with the offer of this one, and goes on by itself. The
   * session follows whichever fork has agreed on something last.
   */
  fork(): Negotiation {
    const next = this.successor(this.sessionId);
    next.#version = this.#version;
    next.#offer = this.#offer;
    next.#lastDescription = this.#lastDescription;
    next.#holding = this.#holding;
    return next;
  }

  /** Whether the last exchange was an offer of the peer: a late answer to an older offer of ours is void then. */
  get answersPeer(): boolean {
    return this.#answersPeer;
  }

  /** Gives the session back to this peer, after another fork had it. Undefined when nothing was agreed on with it. */
  resume(): MediaSession | undefined {
    const [agreed, session] = [this.#agreed, this.session];
    if (agreed && session && session.parameters !== agreed) session.update(agreed);
    return agreed && session;
  }

  /** Whether the peer holds us, by the direction that was agreed. */
  get held(): boolean {
    const direction = (this.#agreed ?? this.session?.parameters)?.direction;
    return direction === 'recvonly' || direction === 'inactive';
  }

  /** Frees the port pair when no session was opened. Idempotent. */
  release(): Promise<void> | undefined {
    return this.ports.release();
  }

  /** @param audio becomes part of the session's parameters, so it must be used for nothing else */
  #apply(audio: NegotiatedAudio): MediaSession {
    const { jitterBuffer, concealment, capture, statisticsIntervalMs, rtpTimeoutMs, reportsRtcp } =
      this.options;
    const parameters: MediaParameters = audio;
    if (jitterBuffer) parameters.jitterBuffer = jitterBuffer;
    if (concealment) parameters.concealment = concealment;
    if (capture) parameters.capture = capture;
    if (statisticsIntervalMs) parameters.statisticsIntervalMs = statisticsIntervalMs;
    if (rtpTimeoutMs !== undefined) parameters.rtpTimeoutMs = rtpTimeoutMs;
    if (reportsRtcp?.()) parameters.reportsRtcp = true;
    this.#agreed = audio;
    this.#changingCodecs = false;
    const { session } = this;
    if (session) {
      session.update(parameters);
      return session;
    }
    if (this.options.remembers?.()) parameters.remember = true;
    const opened = this.ports.open(parameters);
    this.call.opened(opened);
    return opened;
  }

  #local(): LocalAudio {
    const { srtp, srtpSuites } = this.options;
    const { address, rtpPort, rtcpPort } = this.ports.placeFor(this.#seenAs);
    const local: LocalAudio = {
      address,
      rtpPort,
      rtcpPort,
      codecs: this.#preference(),
      ptimeMs: this.options.ptimeMs,
      direction: this.#holding ? 'sendonly' : 'sendrecv',
      telephoneEvent: true,
      origin: { sessionId: this.sessionId, version: this.#version },
    };
    if (srtp === 'optional' || srtp === 'required') {
      local.srtp = { policy: srtp, ...(srtpSuites ? { suites: srtpSuites } : {}) };
    }
    if (this.#hosts) local.hosts = this.#hosts;
    if (this.#lastDescription !== undefined) local.previous = this.#lastDescription;
    return local;
  }

  /** The codec in use comes first, so that a hold does not change it by the way. */
  #preference(): readonly CodecName[] {
    const { codec } = this;
    if (codec === undefined || this.#changingCodecs) return this.#codecs;
    return [codec, ...this.#codecs.filter((name) => name !== codec)];
  }
}
