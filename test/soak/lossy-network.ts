import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { seededRandom } from '../support/random';

/** A phone in the network: the address by which the others know it, and its port, which is the same in both places. */
export interface Member {
  /** An address of this machine other than the phone's own. */
  face: string;
  port: number;
}

const HOME = '127.0.0.1';

/**
 * Stands between two phones on 127.0.0.1, which advertise its faces: what is sent to the face of one is handed
 * to it, from the face of the other, and some of it gets lost. Nothing in the messages has to be changed.
 */
export class LossyNetwork {
  lost = 0;
  passed = 0;
  readonly #random: () => number;
  readonly #sockets = [createSocket('udp4'), createSocket('udp4')] as const;

  /** @param loss probability of losing a datagram, each way */
  constructor(
    private readonly loss: number,
    seed: number,
  ) {
    this.#random = seededRandom(seed);
  }

  async join(a: Member, b: Member): Promise<void> {
    const [faceOfA, faceOfB] = this.#sockets;
    this.#pipe(faceOfA, faceOfB, a.port);
    this.#pipe(faceOfB, faceOfA, b.port);
    faceOfA.bind(a.port, a.face);
    faceOfB.bind(b.port, b.face);
    await Promise.all(this.#sockets.map((socket) => once(socket, 'listening')));
  }

  async close(): Promise<void> {
    const closed = this.#sockets.map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets) socket.close();
    await Promise.all(closed);
  }

  /** What arrives at the face of a phone leaves from the other face, for that phone. */
  #pipe(face: Socket, other: Socket, port: number): void {
    face.on('error', () => undefined);
    face.on('message', (bytes) => {
      if (this.#random() < this.loss) {
        this.lost += 1;
        return;
      }
      this.passed += 1;
      other.send(bytes, port, HOME);
    });
  }
}
