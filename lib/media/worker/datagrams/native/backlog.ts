import { EAGAIN, ENOBUFS } from './libc';
import type { NativeSocket } from './native-socket';

/** Packets that wait at most, of all sockets together: some turns of a full worker. */
const MOST = 64;
/** Longest wait, milliseconds: a packet time. Audio that is later than that is of no use. */
const PATIENCE_MS = 20;

interface Waiting {
  socket: NativeSocket;
  /** A copy: the sender uses its buffer again. */
  packet: Uint8Array;
  port: number;
  address: string;
  /** Monotonic milliseconds. */
  until: number;
}

/**
 * Packets that the system had no room for at the moment, as when the queue of a network card is full. They are tried again
 * whenever the driver looks for arrivals, in their order, and given up after a packet time.
 */
export class Backlog {
  readonly #waiting: Waiting[] = [];

  /** @param onLost is told of each packet that is not sent */
  constructor(private readonly onLost: () => void) {}

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** The system refused a packet with `errno`; it waits when that may be over soon. */
  refused(
    errno: number,
    socket: NativeSocket,
    packet: Uint8Array,
    length: number,
    port: number,
    address: string,
  ): void {
    const mayPass = errno === EAGAIN || errno === ENOBUFS;
    if (!mayPass || this.#waiting.length >= MOST) {
      this.onLost();
      return;
    }
    const until = performance.now() + PATIENCE_MS;
    this.#waiting.push({ socket, packet: packet.slice(0, length), port, address, until });
    socket.waiting++;
  }

  /** Tries again what waits, until the system refuses one. */
  flush(): void {
    const now = performance.now();
    for (let first = this.#waiting.at(0); first !== undefined; first = this.#waiting.at(0)) {
      const { socket, packet, port, address, until } = first;
      if (until >= now) {
        const errno = socket.transmit(packet, packet.length, port, address);
        if (errno === EAGAIN || errno === ENOBUFS) return;
        if (errno !== 0) this.onLost();
      } else {
        this.onLost();
      }
      socket.waiting--;
      this.#waiting.shift();
    }
  }

  /** The socket closes; what it has left to send is lost. */
  forget(closed: NativeSocket): void {
    for (let index = this.#waiting.length - 1; index >= 0; index--) {
      if (this.#waiting[index].socket !== closed) continue;
      this.#waiting.splice(index, 1);
      this.onLost();
    }
    closed.waiting = 0;
  }
}
