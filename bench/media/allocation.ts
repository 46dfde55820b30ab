/**
 * Heap bytes allocated per packet from one session to another, without sockets, for each kind of work of a session. The
 * remainder are RTCP reports, which are rare but made of objects, and the blocks that recordings hand over:
 * `node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 --require tsx/cjs bench/media/allocation.ts`
 * prints JSON. A process of its own, because nothing may be collected while it counts.
 */
import { CODECS } from '../../lib/audio/codecs';
import { AudioRing } from '../../lib/media/audio-ring';
import { PayloadRing } from '../../lib/media/payload-ring';
import type { BridgeWiring } from '../../lib/media/protocol';
import type { BoundPort, PacketHandler } from '../../lib/media/worker/bound-port';
import { isRtcp } from '../../lib/media/worker/rtp-packet';
import { Session } from '../../lib/media/worker/session';
import type { SessionContext } from '../../lib/media/worker/session-context';
import type { MediaParameters } from '../../lib/media';
import { bareContext, PLAIN, PTIME_MS, START } from './bare-sessions';

const RING_SAMPLES = 16384;
/** One packet in so many is lost, in lossy runs. */
const LOST_EVERY = 20;
/** Packet times until V8 has compiled the hot code, and those of a measured stretch. */
const WARM_UP = 16_000;
const MEASURED = 4000;
/** Measured stretches; the median counts: V8 rebuilds collected data in the first and may compile in another. */
const STRETCHES = 5;

const KEY = `inline:${Buffer.alloc(30, 7).toString('base64')}`;

/**
 * Buffers of sent packets by length: a received packet fills its buffer exactly. They are the network, which all sessions
 * share; a packet is received before the next one is sent.
 */
const wire: Buffer[] = [];
const reportWire: Buffer[] = [];
let parties = 0;

/** A session without sockets and threads, whose time is passed to `tick`. */
class Party {
  readonly session: Session;
  peer: Party = this;
  #receive: PacketHandler | undefined;
  #waiting = 0;
  #reportWaiting = 0;
  #sent = 0;

  constructor(
    context: SessionContext,
    parameters: Partial<MediaParameters>,
    private readonly isLossy: boolean,
  ) {
    const port = {
      wireAddress: (address: string) => address,
      open: (onRtp: PacketHandler) => (this.#receive = onRtp),
      sendRtp: (packet: Uint8Array, length: number) => {
        this.#send(packet, length);
        return true;
      },
      sendRtcp: () => undefined,
    };
    this.session = new Session(++parties, port as unknown as BoundPort, { ...PLAIN, ...parameters }, context);
  }

  /** Runs one packet time, then delivers the sent packets to the peer. */
  tick(now: number): void {
    this.session.onDue(now);
    this.session.settle(now);
    if (this.#waiting > 0) this.peer.#receive?.(wire[this.#waiting], '127.0.0.1', 4000, now);
    if (this.#reportWaiting > 0) {
      this.peer.#receive?.(reportWire[this.#reportWaiting], '127.0.0.1', 4000, now);
    }
    this.#waiting = 0;
    this.#reportWaiting = 0;
  }

  #send(packet: Uint8Array, length: number): void {
    const isReport = isRtcp(packet);
    const buffer = ((isReport ? reportWire : wire)[length] ??= Buffer.alloc(length));
    for (let index = 0; index < length; index++) buffer[index] = packet[index];
    if (isReport) this.#reportWaiting = length;
    else if (!this.isLossy || ++this.#sent % LOST_EVERY !== 0) this.#waiting = length;
  }
}

/**
 * Time of each packet time. Like those of the real clock these are fractions, each a heap number; they are made
 * beforehand, so that they are not counted. The `null` keeps V8 from storing them as plain doubles, of which each
 * reading would allocate a heap number again.
 */
const times: (number | null)[] = [null];
for (let step = 0; step < WARM_UP + STRETCHES * MEASURED; step++) {
  times.push(START + step * PTIME_MS + 0.3 + 0.1 * (step % 5));
}

/** Two sessions that talk to each other. */
class Pair {
  readonly a: Party;
  readonly b: Party;
  #step = 0;

  constructor(parameters: Partial<MediaParameters> = {}, isLossy = false) {
    const context = bareContext();
    this.a = new Party(context, parameters, isLossy);
    this.b = new Party(context, parameters, isLossy);
    this.a.peer = this.b;
    this.b.peer = this.a;
  }

  step(): void {
    const now = times[++this.#step];
    if (typeof now !== 'number') throw new Error('More packet times than were made.');
    this.a.tick(now);
    this.b.tick(now);
  }
}

function pair(
  parameters?: Partial<MediaParameters>,
  prepare?: (session: Session) => void,
  isLossy?: boolean,
): () => void {
  const both = new Pair(parameters, isLossy);
  prepare?.(both.a.session);
  prepare?.(both.b.session);
  return () => both.step();
}

/** Two pairs of which one of each is bridged with the other, and a tone to hear at both ends. */
function bridged(codec = PLAIN.codec): () => void {
  const [one, two] = [new Pair(), new Pair({ codec })];
  const [a, b] = [AudioRing.allocate(RING_SAMPLES), AudioRing.allocate(RING_SAMPLES)];
  const [p, q] = [PayloadRing.allocate(), PayloadRing.allocate()];
  const rate = CODECS[codec.name].sampleRate;
  const isSame = codec === PLAIN.codec;
  const first: BridgeWiring = { send: a, sendRate: rate, receive: b, receiveRate: 8000 };
  const second: BridgeWiring = { send: b, sendRate: 8000, receive: a, receiveRate: rate };
  one.b.session.bridge(1, { ...first, ...(isSame && { copying: { codec: 'PCMU', send: p, receive: q } }) });
  two.a.session.bridge(1, { ...second, ...(isSame && { copying: { codec: 'PCMU', send: q, receive: p } }) });
  one.a.session.play(1, { source: 'tone:440' });
  two.b.session.play(1, { source: 'tone:620' });
  return () => {
    one.step();
    two.step();
  };
}

const KINDS = {
  plain: () => pair(),
  detecting: () => pair({ detectInband: true }, (session) => session.play(1, { source: 'tone:440' })),
  playing: () => pair({}, (session) => session.play(1, { source: 'tone:440' })),
  recording: () =>
    pair({ detectInband: true }, (session) => session.record(1, { file: '/x.wav', channels: 'stereo' })),
  secured: () =>
    pair({ detectInband: true, srtp: { suite: 'AES_CM_128_HMAC_SHA1_80', sendKey: KEY, receiveKey: KEY } }),
  wideband: () =>
    pair({ detectInband: true, codec: { name: 'G722', sendPayloadType: 9, receivePayloadType: 9 } }),
  bridged,
  converting: () => bridged({ name: 'L16', sendPayloadType: 96, receivePayloadType: 96 }),
  capturing: () => pair({ capture: 'audio' }),
  headers: () => pair({ capture: 'headers' }),
  lossy: () => pair({}, (session) => session.play(1, { source: 'tone:440' }), true),
};

export type AllocationKind = keyof typeof KINDS;

/** Prepares two or four sessions that do this; each call of the result is one packet time of all of them. */
export const stepsOf = (kind: AllocationKind): (() => void) => KINDS[kind]();

function bytesOf(step: () => void, times: number): number {
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < times; count++) step();
  return process.memoryUsage().heapUsed - before;
}

function bytesPerPacket(kind: AllocationKind): number {
  if (!globalThis.gc) throw new Error('Run it with --expose-gc.');
  const step = stepsOf(kind);
  const packets = kind === 'bridged' || kind === 'converting' ? 4 : 2;
  for (let count = 0; count < WARM_UP; count++) step();
  globalThis.gc();
  const stretches = Array.from({ length: STRETCHES }, () => bytesOf(step, MEASURED));
  const median = stretches.sort((a, b) => a - b)[STRETCHES >> 1];
  return median / (MEASURED * packets);
}

if (require.main === module) {
  const figures = Object.keys(KINDS).map((kind) => [kind, bytesPerPacket(kind as AllocationKind)]);
  console.log(JSON.stringify(Object.fromEntries(figures)));
}
