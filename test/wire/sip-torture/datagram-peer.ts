import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { ackFor, readResponse, type ReceivedResponse } from '../../support/torture';

const PATIENCE_MS = 20_000;

/** Sends raw datagrams from one UDP socket, acknowledges final responses to INVITE, and collects them. */
export class DatagramPeer {
  #received: ReceivedResponse[] = [];
  #waiting: (() => void) | undefined;

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

  /**
   * Sends a message and then an OPTIONS, and gives back the final responses that were not to the OPTIONS.
   * UDP on the loopback interface keeps the order, so nothing more is to come when the OPTIONS is answered.
   *
   * @throws Error when the OPTIONS is not answered with 200: the user agent is dead, or refuses service
   */
  async exchange(bytes: Buffer, probe: string): Promise<ReceivedResponse[]> {
    this.#received = [];
    this.socket.send(bytes, this.port, '127.0.0.1');
    this.socket.send(this.#probe(probe), this.port, '127.0.0.1');
    const isProbe = (response: ReceivedResponse): boolean => response.bytes.includes(`Call-ID: ${probe}\r\n`);
    const deadline = performance.now() + PATIENCE_MS;
    while (!this.#received.some(isProbe)) {
      if (performance.now() > deadline) throw new Error('the next OPTIONS was not answered');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const status = this.#received.find(isProbe)?.status;
    if (status !== 200) throw new Error(`the next OPTIONS was answered with ${status}`);
    return this.#received.filter((response) => !isProbe(response));
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  #take(bytes: Buffer): void {
    const response = readResponse(bytes);
    if (!response || response.status < 200) return;
    this.#received.push(response);
    const cseq = response.fields.find(([name]) => name.toLowerCase() === 'cseq')?.[1] ?? '';
    if (/INVITE/.test(cseq)) this.socket.send(ackFor(response), this.port, '127.0.0.1');
    this.#waiting?.();
  }

  #probe(callId: string): string {
    return [
      'OPTIONS sip:user@example.com SIP/2.0',
      `Via: SIP/2.0/UDP ${this.sentBy};branch=z9hG4bK-${callId}`,
      'Max-Forwards: 70',
      'To: <sip:user@example.com>',
      'From: <sip:probe@example.net>;tag=probe',
      `Call-ID: ${callId}`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
  }
}
