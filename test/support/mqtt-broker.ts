import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { createBroker } from 'aedes';

const PATIENCE_MS = 15000;

export interface Publication {
  topic: string;
  /** JSON where the payload is some, text otherwise. */
  payload: unknown;
}

interface Waiter {
  matches(publication: Publication): boolean;
  resolve(publication: Publication): void;
}

/** An MQTT broker on 127.0.0.1 that remembers what its clients published. */
export class MqttBroker {
  readonly #broker = createBroker();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    this.#broker.handle(socket);
  });
  readonly #waiters = new Set<Waiter>();
  readonly published: Publication[] = [];

  static async open(): Promise<MqttBroker> {
    const broker = new MqttBroker();
    broker.#broker.on('publish', ({ topic, payload }, client) => {
      if (client) broker.#received({ topic, payload: read(payload.toString()) });
    });
    broker.#server.listen(0, '127.0.0.1');
    await once(broker.#server, 'listening');
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get clients(): number {
    return this.#broker.connectedClients;
  }

  publish(topic: string, payload: string): Promise<void> {
    const packet = { cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false } as const;
    return new Promise((resolve, reject) => {
      this.#broker.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** The first publication, past or to come, that matches. */
  first(matches: (publication: Publication) => boolean): Promise<Publication> {
    const found = this.published.find(matches);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        matches,
        resolve: (publication) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(publication);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        const topics = this.published.map(({ topic }) => topic).join(', ');
        reject(new Error(`nothing of the kind was published; seen: ${topics || 'nothing'}`));
      }, PATIENCE_MS);
      this.#waiters.add(waiter);
    });
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await new Promise<void>((resolve) => this.#broker.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #received(publication: Publication): void {
    this.published.push(publication);
    for (const waiter of [...this.#waiters]) if (waiter.matches(publication)) waiter.resolve(publication);
  }
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
