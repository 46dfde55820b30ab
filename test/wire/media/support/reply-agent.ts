import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { encodePcmu } from '../../../../lib/audio';
import { seededRandom } from '../../../support/random';

const PACKET_MS = 20;
const SAMPLES = 160;
/** Silence in what it hears after which the other side has finished. */
const FINISHED_MS = 250;
const TICK_MS = 4;
/** Magnitude of PCMU from which a sample is audible: about −50 dBFS. */
const AUDIBLE = 0x10;

/** What the network does to the packets of an agent. */
export interface Path {
  /** Share of packets, 0–1. */
  loss: number;
  /** Each packet is late by up to this, evenly spread. */
  jitterMs: number;
}

/** A reply as the agent itself has made it. */
export interface Reply {
  /** From the end of what it heard to the beginning of what it said, by its own clock and the RTP timestamps. */
  latencyMs: number;
}

/**
 * A voice agent that knows the truth: an RTP peer made of a bare socket, which hears when the other side has finished,
 * answers after a time, and logs how long that was. Its packets go through a path with loss and jitter.
 */
export class ReplyAgent {
  /** Longest time that this process kept the agent waiting since it was set: what it sent then came late, and is no truth. */
  stalledMs = 0;
  #tickedAt = 0;
  readonly #socket: Socket;
  readonly #random: () => number;
  readonly #late = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #target = 0;
  #began = 0;
  #sent = 0;
  /** Heard: least transit, and the end of the newest audible sample, in milliseconds of the other side's RTP clock. */
  #firstTimestamp: number | undefined;
  #transit = Infinity;
  #newestMs = -1;
  #audibleMs = -1;
  /** Audio under way, and where it is. */
  #speech: Int16Array | undefined;
  #position = 0;
  #waiting: { speech: Int16Array; afterMs: number; done(reply: Reply): void } | undefined;

  private constructor(
    socket: Socket,
    private readonly path: Path,
    seed: number,
  ) {
    this.#socket = socket;
    this.#random = seededRandom(seed);
    socket.on('message', (packet) => this.#hear(packet, performance.now()));
  }

  static async open(path: Path, seed: number): Promise<ReplyAgent> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new ReplyAgent(socket, path, seed);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Begins to send silence. */
  start(target: number): void {
    this.#target = target;
    this.#began = performance.now();
    this.#tickedAt = this.#began;
    this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS);
  }

  /** Says something so long after the end of what it hears next. */
  reply(speech: Int16Array, afterMs: number): Promise<Reply> {
    this.#audibleMs = -1;
    return new Promise((done) => (this.#waiting = { speech, afterMs, done }));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const timer of this.#late) clearTimeout(timer);
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #tick(now: number): void {
    this.stalledMs = Math.max(this.stalledMs, now - this.#tickedAt - TICK_MS);
    this.#tickedAt = now;
    this.#decide();
    while (this.#began + this.#sent * PACKET_MS <= now) this.#send();
  }

  /** The other side has finished: the reply begins with the packet that is due then. */
  #decide(): void {
    const waiting = this.#waiting;
    if (!waiting || this.#audibleMs < 0 || this.#newestMs - this.#audibleMs < FINISHED_MS) return;
    const heardEnd = this.#audibleMs + this.#transit;
    const begins = this.#began + this.#sent * PACKET_MS;
    if (begins < heardEnd + waiting.afterMs) return;
    this.#waiting = undefined;
    this.#speech = waiting.speech;
    this.#position = 0;
    waiting.done({ latencyMs: begins - heardEnd });
  }

  #send(): void {
    const packet = Buffer.alloc(12 + SAMPLES, 0xff);
    packet.writeUInt16BE(0x8000, 0);
    packet.writeUInt16BE(this.#sent & 0xffff, 2);
    packet.writeUInt32BE((this.#sent * SAMPLES) >>> 0, 4);
    packet.writeUInt32BE(0x5150, 8);
    const frame = this.#speech?.subarray(this.#position, this.#position + SAMPLES);
    if (frame?.length) packet.set(encoded(frame), 12);
    else this.#speech = undefined;
    this.#position += SAMPLES;
    this.#sent++;
    if (this.#random() < this.path.loss) return;
    const late = this.#random() * this.path.jitterMs;
    if (late < 1) return this.#put(packet);
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      this.#put(packet);
    }, late);
    this.#late.add(timer);
  }

  #put(packet: Buffer): void {
    this.#socket.send(packet, this.#target, '127.0.0.1');
  }

  #hear(packet: Buffer, at: number): void {
    if ((packet[1] & 0x7f) !== 0 || packet.length <= 12) return;
    const timestamp = packet.readUInt32BE(4);
    this.#firstTimestamp ??= timestamp;
    const fromMs = ((timestamp - this.#firstTimestamp) | 0) / 8;
    this.#transit = Math.min(this.#transit, at - fromMs);
    this.#newestMs = fromMs;
    for (let index = packet.length - 1; index >= 12; index--) {
      if ((~packet[index] & 0x7f) < AUDIBLE) continue;
      this.#audibleMs = fromMs + (index - 11) / 8;
      return;
    }
  }
}

function encoded(frame: Int16Array): Uint8Array {
  const bytes = new Uint8Array(frame.length);
  encodePcmu(frame, bytes);
  return bytes;
}
