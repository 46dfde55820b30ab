import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connectionTransport } from './connections';
import type { Dice } from './mutate';
import type { TransportName } from '../../../lib/sip/types';

/** The fuzzer's end of one transport. One octet is one character of the texts. */
export interface FuzzLink {
  /** Own address as `host:port`, for Via and Contact. */
  readonly address: string;
  /** Sends a sound message. */
  send(message: string): void;
  /** Sends a message that may break the connection it takes. */
  sendBroken(message: string): void;
  close(): Promise<void>;
}

/** One transport that is fuzzed. A further transport is a further entry of `FUZZ_TRANSPORTS`. */
export interface FuzzTransport {
  readonly name: TransportName;
  /** Mutated messages of the long run. */
  readonly messages: number;
  /** Opens a link to the phone under test; `onMessage` gets every message that comes back. */
  open(
    phone: { address: string; port: number },
    onMessage: (message: string) => void,
    dice: Dice,
  ): Promise<FuzzLink>;
}

const udp: FuzzTransport = {
  name: 'udp',
  messages: 200_000,
  async open(phone, onMessage) {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 22, sendBufferSize: 1 << 22 });
    socket.on('error', () => undefined);
    socket.on('message', (bytes) => onMessage(bytes.toString('latin1')));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const send = (message: string): void =>
      socket.send(Buffer.from(message, 'latin1'), phone.port, phone.address);
    return {
      address: `127.0.0.1:${socket.address().port}`,
      send,
      sendBroken: send,
      close: async () => {
        const closed = once(socket, 'close');
        socket.close();
        await closed;
      },
    };
  },
};

export const FUZZ_TRANSPORTS: readonly FuzzTransport[] = [
  udp,
  ...(['tcp', 'tls', 'ws', 'wss'] as const).map((name) => connectionTransport(name, 50_000)),
];
