import { isIPv6 } from 'node:net';
import { getSystemErrorName } from 'node:util';
import type { Descriptors } from '../../../descriptors';
import type { DatagramDriver, DatagramSocket } from '../driver';
import { Backlog } from './backlog';
import {
  AF_INET,
  AF_INET6,
  EINVAL,
  EMFILE,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLLIN,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  type Libc,
} from './libc';
import { fixedAddress, Memory, MESSAGE_BYTES, NAME_BYTES } from './memory';
import { NativeSocket, SOCKET_BYTES, type SocketServices } from './native-socket';
import { SocketAddresses } from './socket-address';

/** Longer than any UDP datagram. */
const LARGEST = 65_536;
/** Datagrams up to this length get views that are made once for each length; RTP is never longer. */
const USUAL = 2048;
/** Sockets that one call tells of. */
const EVENTS = 1024;
/** Times that a turn asks for arrivals: a flood must not keep the wheel from turning. */
const ROUNDS = 32;
/** Interval of the looks for arrivals while the wheel sleeps, milliseconds. */
const LOOK_MS = 1;
/** `struct epoll_event` is packed on x64 only. */
const [EVENT_BYTES, EVENT_DATA] = process.arch === 'x64' ? [12, 4] : [16, 8];
const SOCKETS_IN_CHUNK = 64;

/** Places in the driver's memory. Scratch space serves `bind`. */
const RECEIVED = 0;
const FROM = MESSAGE_BYTES;
const SCRATCH = FROM + NAME_BYTES + 4;
const EVENT_LIST = SCRATCH + NAME_BYTES + 4;
const DRIVER_BYTES = EVENT_LIST + EVENTS * 16;

/** Where a socket's memory lies. */
interface Place {
  memory: Memory;
  at: number;
}

/**
 * Datagrams by calls of the C library on descriptors of its own: no request, no buffer and no event of Node for each
 * packet. A received datagram lies in one buffer that all share, and is overwritten by the next.
 */
export class NativeDriver implements DatagramDriver {
  readonly #services: SocketServices;
  readonly #memory: Memory;
  readonly #message;
  readonly #events;
  readonly #received = new ArrayBuffer(LARGEST);
  readonly #views: Buffer[] = [];
  readonly #sockets: (NativeSocket | undefined)[] = [];
  readonly #places: Place[] = [];
  #count = 0;
  #epoll = -1;
  #epollCell = -1;
  #asleep = true;
  #looking: NodeJS.Timeout | undefined;
  /** More is waiting than one look takes. */
  #again: NodeJS.Immediate | undefined;

  /**
   * @param descriptors outlive the thread, whose sockets the system does not close by itself
   * @param onLost is told of each packet that the system did not take
   */
  constructor(
    private readonly libc: Libc,
    private readonly descriptors: Descriptors,
    onLost: () => void = () => undefined,
  ) {
    this.#services = { libc, addresses: new SocketAddresses(libc), backlog: new Backlog(onLost) };
    this.#memory = new Memory(libc, DRIVER_BYTES);
    this.#memory.message(RECEIVED, FROM);
    this.#memory.partAddress(RECEIVED, libc.addressOf(new Uint8Array(this.#received)));
    this.#memory.partLength(RECEIVED, LARGEST);
    this.#message = fixedAddress(this.#memory.address(RECEIVED));
    this.#events = fixedAddress(this.#memory.address(EVENT_LIST));
  }

  async bind(address: string, port: number): Promise<DatagramSocket> {
    const family = isIPv6(address) ? AF_INET6 : AF_INET;
    const fault = (errno: number): Error => bindFault(errno, address, port);
    if (this.#epoll < 0) this.#openEpoll(fault);
    // What has arrived comes before what a later command asks for, as it does in the event loop.
    this.#look();
    const descriptor = this.libc.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) throw fault(this.libc.errno());
    const cell = this.descriptors.enter(descriptor);
    const errno = cell < 0 ? EMFILE : this.#bind(descriptor, cell, family, address, port);
    if (errno !== 0) {
      this.#close(descriptor, cell);
      throw fault(errno);
    }
    const place = this.#takePlace();
    const socket = new NativeSocket(descriptor, family, place.memory, place.at, this.#services, () => {
      this.#sockets[cell] = undefined;
      this.#places.push(place);
      this.#count--;
      if (this.#count === 0) this.#stopLooking();
      this.#close(descriptor, cell);
    });
    this.#sockets[cell] = socket;
    this.#count++;
    if (this.#asleep) this.sleep();
    return socket;
  }

  turn(): void {
    this.#asleep = false;
    if (this.#looking) this.#stopLooking();
    this.#look();
  }

  sleep(): void {
    this.#asleep = true;
    if (this.#count > 0) this.#looking ??= setInterval(() => this.#lookAsleep(), LOOK_MS);
  }

  stop(): void {
    this.#stopLooking();
    if (this.#epoll >= 0) this.#close(this.#epoll, this.#epollCell);
    this.#epoll = -1;
  }

  #stopLooking(): void {
    clearInterval(this.#looking);
    clearImmediate(this.#again);
    this.#looking = undefined;
    this.#again = undefined;
  }

  #lookAsleep(): void {
    clearImmediate(this.#again);
    this.#again = this.#look() ? setImmediate(() => this.#lookAsleep()) : undefined;
  }

  /** Hands over what has arrived, a datagram of each socket in turn. Returns whether the next look is due at once. */
  #look(): boolean {
    if (!this.#services.backlog.isEmpty) this.#services.backlog.flush();
    const { words } = this.#memory;
    for (let round = 0; round < ROUNDS; round++) {
      const ready = this.libc.epollWait(this.#epoll, this.#events[0], EVENTS, 0);
      if (ready <= 0) return false;
      for (let event = 0; event < ready; event++) {
        const cell = words[(EVENT_LIST + event * EVENT_BYTES + EVENT_DATA) >> 2];
        // A handler may have closed the socket meanwhile.
        const socket = this.#sockets[cell];
        if (socket) this.#receive(socket);
      }
    }
    // There may be more. A handler may have closed the last socket.
    return this.#looking !== undefined;
  }

  #receive(socket: NativeSocket): void {
    this.#memory.nameLength(RECEIVED, NAME_BYTES);
    const length = this.libc.recvmsg(socket.descriptor, this.#message[0], MSG_DONTWAIT);
    // An ICMP error was meant for a packet that is lost, or the datagram's checksum was wrong.
    if (length >= 0) socket.deliver(this.#viewOf(length), this.#memory, FROM);
  }

  #viewOf(length: number): Buffer {
    if (length > USUAL) return Buffer.from(this.#received, 0, length);
    return (this.#views[length] ??= Buffer.from(this.#received, 0, length));
  }

  /** Binds and watches; returns the number of the fault, or 0. */
  #bind(descriptor: number, cell: number, family: number, address: string, port: number): number {
    const { libc } = this;
    const name = this.#memory.address(SCRATCH);
    const length = this.#services.addresses.write(this.#memory, SCRATCH, family, address, port);
    if (length === 0) return EINVAL;
    if (libc.bind(descriptor, name, length) < 0) return libc.errno();
    const { words } = this.#memory;
    words[SCRATCH >> 2] = EPOLLIN;
    words[(SCRATCH + EVENT_DATA) >> 2] = cell;
    return libc.epollControl(this.#epoll, EPOLL_CTL_ADD, descriptor, name) < 0 ? libc.errno() : 0;
  }

  #openEpoll(fault: (errno: number) => Error): void {
    const epoll = this.libc.epollCreate(EPOLL_CLOEXEC);
    if (epoll < 0) throw fault(this.libc.errno());
    this.#epoll = epoll;
    this.#epollCell = this.descriptors.enter(epoll);
  }

  #close(descriptor: number, cell: number): void {
    if (cell < 0 || this.descriptors.forget(cell)) this.libc.close(descriptor);
  }

  #takePlace(): Place {
    if (this.#places.length === 0) {
      const memory = new Memory(this.libc, SOCKETS_IN_CHUNK * SOCKET_BYTES);
      for (let index = SOCKETS_IN_CHUNK - 1; index >= 0; index--) {
        this.#places.push({ memory, at: index * SOCKET_BYTES });
      }
    }
    return this.#places.pop() as Place;
  }
}

/** The error that `node:dgram` has for a port that cannot be bound. */
function bindFault(errno: number, address: string, port: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`bind ${code} ${address}:${port}`), {
    code,
    errno: -errno,
    syscall: 'bind',
    address,
    port,
  });
}
