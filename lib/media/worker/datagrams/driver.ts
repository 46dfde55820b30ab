/**
 * Gets a datagram and the address that it came from, as the system spells it. The bytes are valid until it returns, and
 * may be overwritten by it. Must not throw.
 */
export type DatagramHandler = (packet: Buffer, address: string, port: number) => void;

/** A bound UDP socket. What goes wrong after the binding is like the loss of a packet. */
export interface DatagramSocket {
  /** Sets the only receiver; in the turn of the event loop in which the socket was bound, so that nothing is missed. */
  receive(handler: DatagramHandler): void;
  /**
   * Sends at once, and returns whether the buffer may be used again: not while the datagram waits for room in the system.
   *
   * @param length bytes of `packet` that are sent
   * @param port 1 to 65535
   * @param address an IP address of the socket's family
   */
  send(packet: Uint8Array, length: number, port: number, address: string): boolean;
  /** The port is free when this resolves. Once only. */
  close(): Promise<void>;
}

/** The way between a worker's sessions and the network. One for each worker. */
export interface DatagramDriver {
  /**
   * Binds a UDP socket. Rejects with the system's error (EADDRINUSE, EADDRNOTAVAIL, EMFILE …) as `node:dgram` spells it.
   *
   * @param port 0 for one of the system's choice
   */
  bind(address: string, port: number): Promise<DatagramSocket>;
  /** The wheel has turned: what was sent goes out, what has arrived is handed over. */
  turn(): void;
  /** The wheel will not turn for more than a millisecond or two, so the driver looks for arrivals by itself until it does. */
  sleep(): void;
  /** Frees what the driver itself holds; its sockets are closed before. */
  stop(): void;
}
