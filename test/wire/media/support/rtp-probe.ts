import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { RtpHeader, RtpPacket } from 'werift-rtp';

/** A packet as an independent parser read it. */
export interface ProbedPacket {
  marker: boolean;
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Buffer;
  /** Monotonic milliseconds. */
  at: number;
}

/** A plain RTP peer on a port of its own, made of a socket and an independent RTP library. */
export class RtpProbe {
  readonly packets: ProbedPacket[] = [];
  readonly others: Buffer[] = [];
  #waiters: (() => void)[] = [];

  private constructor(
    private readonly socket: Socket,
    readonly port: number,
  ) {
    socket.on('message', (message) => {
      const type = message[1];
      if (type >= 192 && type <= 223) this.others.push(message);
      else this.packets.push(read(message));
      for (const waiter of this.#waiters) waiter();
    });
  }

  static async open(): Promise<RtpProbe> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new RtpProbe(socket, socket.address().port);
  }

  /** Resolves when `condition` holds, looked at after each packet. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const waiter = (): void => {
        if (!condition()) return;
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve();
      };
      this.#waiters.push(waiter);
      waiter();
    });
  }

  async send(bytes: Uint8Array, port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
    });
  }

  async sendRtp(
    port: number,
    fields: { sequence: number; timestamp: number; payload: Uint8Array; payloadType?: number; ssrc?: number },
  ): Promise<void> {
    const header = new RtpHeader({
      payloadType: fields.payloadType ?? 0,
      sequenceNumber: fields.sequence & 0xffff,
      timestamp: fields.timestamp >>> 0,
      ssrc: fields.ssrc ?? 0x1234,
    });
    await this.send(new RtpPacket(header, Buffer.from(fields.payload)).serialize(), port);
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}

function read(message: Buffer): ProbedPacket {
  const { header, payload } = RtpPacket.deSerialize(message);
  return {
    marker: header.marker,
    payloadType: header.payloadType,
    sequence: header.sequenceNumber,
    timestamp: header.timestamp,
    ssrc: header.ssrc,
    payload: Buffer.from(payload),
    at: performance.now(),
  };
}
