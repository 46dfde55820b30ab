import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Clock } from '../../common';
import type { HepDestination } from './destination';
import type { HepSink, SinkCounts, Trouble } from './sink';

/** Packets that wait while the name of the collector is looked up. */
const MOST_WAITING = 64;
/** Packets that the system has not taken yet. */
const MOST_UNDERWAY = 256;
/** Pause after a fault before the collector is looked for again. */
const REST_MS = 5_000;

/**
 * Datagrams to a collector. The socket is connected, so that a collector that is not there is noticed, and each packet
 * costs no look-up. A fault closes it for 5 s, in which nothing is made or sent.
 */
export class UdpSink implements HepSink {
  readonly counts: SinkCounts = { sent: 0, dropped: 0 };
  #socket: Socket | undefined;
  #connected = false;
  #opening = false;
  #closed = false;
  #restsUntil = -Infinity;
  #underway = 0;
  #waiting: Buffer[] = [];

  constructor(
    private readonly destination: HepDestination,
    private readonly clock: Clock,
    private readonly onTrouble: Trouble,
  ) {}

  ready(): boolean {
    if (this.#connected) return this.#underway < MOST_UNDERWAY;
    if (!this.#opening && !this.#closed && this.clock.now() >= this.#restsUntil) this.#open();
    return this.#opening && this.#waiting.length < MOST_WAITING;
  }

  send(packet: Buffer): void {
    if (!this.ready()) this.drop();
    else if (this.#socket && this.#connected) this.#transmit(this.#socket, packet);
    else this.#waiting.push(packet);
  }

  drop(): void {
    this.counts.dropped += 1;
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#shut();
  }

  #open(): void {
    this.#opening = true;
    const { host, port } = this.destination;
    const known = isIP(host);
    if (known !== 0) return this.#connect(host, known, port);
    lookup(host, (error, address, family) => {
      if (this.#closed) return;
      if (error) this.#fail(error);
      else this.#connect(address, family, port);
    });
  }

  #connect(address: string, family: number, port: number): void {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    this.#socket = socket;
    socket.unref();
    socket.on('error', (error) => this.#fail(error, socket));
    socket.on('connect', () => {
      if (this.#socket !== socket) return;
      this.#opening = false;
      this.#connected = true;
      for (const packet of this.#waiting.splice(0)) this.#transmit(socket, packet);
    });
    socket.connect(port, address);
  }

  #transmit(socket: Socket, packet: Buffer): void {
    this.#underway += 1;
    socket.send(packet, (error) => {
      this.#underway -= 1;
      if (!error) {
        this.counts.sent += 1;
        return;
      }
      this.drop();
      // A packet that is too large says nothing about the collector.
      if ((error as NodeJS.ErrnoException).code !== 'EMSGSIZE') this.#fail(error, socket);
    });
  }

  #fail(error: Error, socket = this.#socket): void {
    if (this.#closed || socket !== this.#socket) return;
    this.#restsUntil = this.clock.now() + REST_MS;
    void this.#shut();
    this.onTrouble(error);
  }

  #shut(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#connected = this.#opening = false;
    this.counts.dropped += this.#waiting.splice(0).length;
    return new Promise((resolve) => {
      if (socket) socket.close(() => resolve());
      else resolve();
    });
  }
}
