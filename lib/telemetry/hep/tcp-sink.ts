import { connect, type Socket } from 'node:net';
import { type Clock, settledWithin } from '../../common';
import type { HepDestination } from './destination';
import type { HepSink, SinkCounts, Trouble } from './sink';

/** Bytes that wait for a collector that is slow, or not connected yet; what comes beyond is dropped. */
const MOST_BYTES = 512 * 1024;
/** Bytes that go to the system in one piece, and the longest that they wait for each other: a write costs ten packets. */
const BATCH_BYTES = 32 * 1024;
const BATCH_MS = 20;
/** Limit of a connection attempt. */
const CONNECT_MS = 5_000;
/** Pause after the first failed attempt; doubled with each further one. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;
const CLOSE_MS = 300;

/**
 * A connection to a collector. The packets of 20 ms go in one piece. While it is away nothing is
 * made or kept; it is tried again when there is something to send and the pause is over.
 */
export class TcpSink implements HepSink {
  readonly counts: SinkCounts = { sent: 0, dropped: 0 };
  #socket: Socket | undefined;
  #connected = false;
  #closed = false;
  #restsUntil = -Infinity;
  #restMs = FIRST_REST_MS;
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #flush: NodeJS.Timeout | undefined;

  constructor(
    private readonly destination: HepDestination,
    private readonly clock: Clock,
    private readonly onTrouble: Trouble,
  ) {}

  ready(): boolean {
    if (!this.#socket && !this.#closed && this.clock.now() >= this.#restsUntil) this.#open();
    const { writableLength = Infinity } = this.#socket ?? {};
    return writableLength + this.#batchBytes < MOST_BYTES;
  }

  send(packet: Buffer): void {
    if (!this.ready()) return this.drop();
    this.#batch.push(packet);
    this.#batchBytes += packet.length;
    if (!this.#connected) return;
    if (this.#batchBytes >= BATCH_BYTES) this.#write();
    else this.#flush ??= setTimeout(() => this.#write(), BATCH_MS).unref();
  }

  drop(): void {
    this.counts.dropped += 1;
  }

  async close(): Promise<void> {
    if (this.#connected) this.#write();
    this.#closed = true;
    const socket = this.#socket;
    if (!socket) return;
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    if (this.#connected) socket.end();
    else socket.destroy();
    await settledWithin(this.clock, gone, CLOSE_MS);
    socket.destroy();
    await gone;
  }

  #open(): void {
    const socket = connect(this.destination);
    this.#socket = socket;
    let fault: Error | undefined;
    socket.unref();
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('no answer')));
    socket.on('error', (error) => (fault = error));
    socket.on('connect', () => {
      socket.setTimeout(0);
      this.#connected = true;
      this.#restMs = FIRST_REST_MS;
      this.#write();
    });
    // A collector says nothing; its end is seen only by reading.
    socket.resume();
    socket.on('close', () => this.#lost(fault ?? new Error('the connection was closed')));
  }

  /** Hands everything that waits to the system, which keeps what the collector does not take yet. */
  #write(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    const packets = this.#batch.length;
    if (!this.#socket || packets === 0) return;
    const bytes = packets === 1 ? this.#batch[0] : Buffer.concat(this.#batch, this.#batchBytes);
    this.#batch = [];
    this.#batchBytes = 0;
    this.#socket.write(bytes, (error) => {
      if (error) this.counts.dropped += packets;
      else this.counts.sent += packets;
    });
  }

  #lost(fault: Error): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    this.counts.dropped += this.#batch.length;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#socket = undefined;
    this.#connected = false;
    if (this.#closed) return;
    this.#restsUntil = this.clock.now() + this.#restMs;
    this.#restMs = Math.min(2 * this.#restMs, LONGEST_REST_MS);
    this.onTrouble(fault);
  }
}
