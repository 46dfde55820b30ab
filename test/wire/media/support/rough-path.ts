import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { seededRandom } from '../../../support/random';

/** Shares of packets, 0–1. */
export interface Roughness {
  loss: number;
  duplication: number;
  /** Packets that are overtaken by the next one. */
  reordering: number;
}

/** A one-way path to a port that loses, repeats and reorders packets, by a fixed seed. */
export class RoughPath {
  lost = 0;
  repeated = 0;
  overtaken = 0;
  readonly #socket = createSocket('udp4');

  private constructor(roughness: Roughness, seed: number, source: number, target: number) {
    const random = seededRandom(seed);
    const send = (packet: Buffer): void => this.#socket.send(packet, target, '127.0.0.1');
    let held: Buffer | undefined;
    this.#socket.on('message', (packet, { port }) => {
      // What the far end sends back would come to itself.
      if (port !== source) return;
      if (random() < roughness.loss) {
        this.lost++;
        return;
      }
      if (!held && random() < roughness.reordering) {
        this.overtaken++;
        held = packet;
        return;
      }
      send(packet);
      if (random() < roughness.duplication) {
        this.repeated++;
        send(packet);
      }
      if (held) send(held);
      held = undefined;
    });
  }

  /** @param source port whose packets are taken; @param target port that they go to. */
  static async open(roughness: Roughness, seed: number, source: number, target: number): Promise<RoughPath> {
    const path = new RoughPath(roughness, seed, source, target);
    path.#socket.bind(0, '127.0.0.1');
    await once(path.#socket, 'listening');
    return path;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}
