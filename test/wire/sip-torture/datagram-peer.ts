import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { ackFor, isToInvite, readResponse, type TortureCase } from '../../support/torture';
import { Answers, options, type Exchange, type TorturePeer } from './torture-peer';

/** Sends raw datagrams from one UDP socket. */
export class DatagramPeer implements TorturePeer {
  #answers = new Answers('');

  private constructor(
    private readonly socket: Socket,
    private readonly port: number,
  ) {}

  /** @param port of the user agent on 127.0.0.1 */
  static async open(port: number): Promise<DatagramPeer> {
    const socket = createSocket('udp4');
    const peer = new DatagramPeer(socket, port);
    socket.on('error', () => {});
    socket.on('message', (bytes) => peer.#take(bytes));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return peer;
  }

  get sentBy(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  /** UDP on the loopback interface keeps the order, so nothing more is to come when the OPTIONS is answered. */
  async exchange({ name, bytes }: TortureCase): Promise<Exchange> {
    const probe = `probe-${name}`;
    this.#answers = new Answers(probe);
    this.#send(bytes);
    this.#send(options(probe, 'UDP', this.sentBy));
    return { responses: await this.#answers.others() };
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  #send(bytes: Buffer): void {
    this.socket.send(bytes, this.port, '127.0.0.1');
  }

  #take(bytes: Buffer): void {
    const response = readResponse(bytes);
    if (!response || response.status < 200) return;
    this.#answers.take(response);
    if (isToInvite(response)) this.#send(ackFor(response));
  }
}
