import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ackFor, isToInvite, readResponse, type TortureCase } from '../../support/torture';
import { Answers, options, PATIENCE_MS, type Exchange, type TorturePeer } from './torture-peer';

/** Sends raw bytes over one TCP connection, and over another one when the user agent has closed that. */
export class StreamPeer implements TorturePeer {
  #answers = new Answers('');
  #unread = Buffer.alloc(0);

  private constructor(
    private socket: Socket,
    private readonly port: number,
  ) {
    this.#listen(socket);
  }

  /** @param port of the user agent on 127.0.0.1 */
  static async open(port: number): Promise<StreamPeer> {
    return new StreamPeer(await connected(port), port);
  }

  get sentBy(): string {
    return `127.0.0.1:${this.socket.localPort}`;
  }

  /**
   * The OPTIONS follows over the same connection. Behind a message that breaks the stream it goes over a new one, once
   * the user agent has closed the old.
   *
   * @throws Error also when the user agent keeps such a connection, or closes another
   */
  async exchange({ name, bytes, breaksStream = false }: TortureCase): Promise<Exchange> {
    const probe = `probe-${name}`;
    this.#answers = new Answers(probe);
    this.socket.write(bytes);
    if (breaksStream) {
      await this.#closed();
      this.socket = await connected(this.port);
      this.#listen(this.socket);
    }
    this.socket.write(options(probe, 'TCP', this.sentBy));
    const responses = await this.#answers.others();
    return { responses, closed: breaksStream };
  }

  async close(): Promise<void> {
    if (this.socket.closed) return;
    this.socket.destroy();
    await once(this.socket, 'close');
  }

  #listen(socket: Socket): void {
    this.#unread = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  async #closed(): Promise<void> {
    const { socket } = this;
    if (socket.closed) return;
    const timer = setTimeout(
      () => socket.destroy(new Error('the user agent keeps a connection that it cannot read')),
      PATIENCE_MS,
    );
    await once(socket, 'close');
    clearTimeout(timer);
    if (socket.errored) throw socket.errored;
  }

  #take(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const end = this.#unread.indexOf('\r\n\r\n');
      const length = /^Content-Length: (\d+)\r$/im.exec(this.#unread.toString('latin1', 0, end + 2))?.[1];
      const needed = end + 4 + Number(length ?? 0);
      if (end < 0 || this.#unread.length < needed) return;
      const response = readResponse(this.#unread.subarray(0, needed));
      this.#unread = this.#unread.subarray(needed);
      if (!response || response.status < 200) continue;
      this.#answers.take(response);
      if (isToInvite(response)) this.socket.write(ackFor(response));
    }
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
