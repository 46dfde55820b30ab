import type * as Koffi from 'koffi';

/** Numbers of Linux on the architectures that the driver knows, 64-bit and little-endian both. */
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLLIN = 1;
export const EAGAIN = 11;
export const EINVAL = 22;
export const EMFILE = 24;
export const ENOBUFS = 105;

/** Calls of the C library. Addresses of memory are numbers; −1 is a fault, of which `errno` tells the number. */
export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(descriptor: number, address: number, length: number): number;
  close(descriptor: number): number;
  sendmsg(descriptor: number, header: unknown, flags: number): number;
  recvmsg(descriptor: number, header: unknown, flags: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, descriptor: number, event: number): number;
  epollWait(epoll: number, events: unknown, most: number, timeoutMs: number): number;
  textToAddress(family: number, text: string, address: number): number;
  addressToText(family: number, address: number, text: number, room: number): number;
  indexOfInterface(name: string): number;
  nameOfInterface(index: number, text: number): number;
  /** Number of the fault of the last call of this thread. */
  errno(): number;
  /** Where the bytes of an array lie. They stay there as long as the array is referenced. */
  addressOf(bytes: Uint8Array): number;
}

/** Finds the functions in the C library that the process itself is linked to, whichever it is. */
export function loadLibc(koffi: typeof Koffi): Libc {
  const library = koffi.load(null);
  const POINTER = 'intptr_t';
  const call = (name: string, parameters: string[], result = 'int') => library.func(name, result, parameters);
  return {
    socket: call('socket', ['int', 'int', 'int']),
    bind: call('bind', ['int', POINTER, 'int']),
    close: call('close', ['int']),
    sendmsg: call('sendmsg', ['int', POINTER, 'int']),
    recvmsg: call('recvmsg', ['int', POINTER, 'int']),
    epollCreate: call('epoll_create1', ['int']),
    epollControl: call('epoll_ctl', ['int', 'int', 'int', POINTER]),
    epollWait: call('epoll_wait', ['int', POINTER, 'int', 'int']),
    textToAddress: call('inet_pton', ['int', 'str', POINTER]),
    addressToText: call('inet_ntop', ['int', POINTER, POINTER, 'int'], POINTER),
    indexOfInterface: call('if_nametoindex', ['str'], 'uint'),
    nameOfInterface: call('if_indextoname', ['uint', POINTER], POINTER),
    errno: () => koffi.errno(),
    addressOf: (bytes) => Number(koffi.address(bytes)),
  };
}
