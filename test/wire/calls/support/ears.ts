import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A place where RTP may arrive. */
export interface Ear {
  port: number;
  /** Resolves with the next packet. */
  hears: () => Promise<Buffer>;
}

/** Sockets that wait for RTP, and are closed together. */
export class Ears {
  readonly #sockets: Socket[] = [];

  async open(): Promise<Ear> {
    const socket = createSocket('udp4');
    this.#sockets.push(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const hears = async (): Promise<Buffer> => ((await once(socket, 'message')) as [Buffer])[0];
    return { port: socket.address().port, hears };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.splice(0)) {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    }
  }
}

/** An SDP for one ear, with further lines of its audio. */
export function sdpAt({ port }: { port: number }, payloadType = 0, ...lines: string[]): string {
  const more = lines.map((line) => `${line}\r\n`).join('');
  return `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP ${payloadType}\r\n${more}`;
}
