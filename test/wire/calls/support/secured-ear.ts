import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createSrtpReceiver, createSrtpSender, type MasterKey } from '../../../../lib/media/srtp';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';
/** A header of 12 bytes, 20 ms of PCMU, and room for what SRTP appends. */
const HEADER = 12;
const PAYLOAD = 160;
const ROOM = 160;

/** One key without identifier, or keys with identifiers. */
type Keys = Buffer | readonly MasterKey[];

/** Key and salt of one `a=crypto` line. */
export function newMaster(): Buffer {
  return randomBytes(30);
}

/** The key that an SDP's first crypto line carries. */
export function masterIn(sdp: string): Buffer {
  const inline = /a=crypto:\d+ \S+ inline:([^|\s]+)/.exec(sdp)?.[1];
  if (inline === undefined) throw new Error(`no key in ${sdp}`);
  return Buffer.from(inline, 'base64');
}

/** The media of a handwritten peer with SRTP: answers each packet that it can open with one of its own. */
export class SecuredEar {
  /** Packets that were genuine, and those that were not. */
  opened = 0;
  refused = 0;
  /** Numbers that never came, between those that did. */
  missing = 0;
  sent = 0;
  /** The newest packet that was opened, as it came. */
  newest: Buffer = Buffer.alloc(0);
  readonly #socket: Socket = createSocket('udp4');
  readonly #sender;
  #receiver: ReturnType<typeof createSrtpReceiver> | undefined;
  #last = -1;
  #sequence = 100;
  #waiters: (() => void)[] = [];

  private constructor(master: Keys) {
    this.#sender = createSrtpSender(SUITE, master);
    this.#socket.on('message', (packet, { port }) => this.#accept(packet, port));
  }

  static async open(master: Keys): Promise<SecuredEar> {
    const ear = new SecuredEar(master);
    ear.#socket.bind(0, '127.0.0.1');
    await once(ear.#socket, 'listening');
    return ear;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** An offer or answer that names this ear and a key to send with. */
  sdp(master: Buffer, version: number): string {
    return this.sdpWith(`1 ${SUITE} inline:${master.toString('base64')}`, version);
  }

  /** The same with these crypto lines, as they follow `a=crypto:`. */
  sdpWith(crypto: string, version = 1): string {
    return [
      'v=0',
      `o=- 1 ${version} IN IP4 127.0.0.1`,
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${this.port} RTP/SAVP 0`,
      `a=crypto:${crypto}`,
      '',
    ].join('\r\n');
  }

  /** Sends under this key from now on. */
  sendWith(master: Keys): void {
    this.#sender.rekey(SUITE, master);
  }

  /** Expects packets under this key. */
  expect(master: Keys): void {
    if (this.#receiver) this.#receiver.rekey(SUITE, master);
    else this.#receiver = createSrtpReceiver(SUITE, master);
  }

  /** A packet of PCMU under the current key, not sent. */
  seal(): Buffer {
    const packet = Buffer.alloc(HEADER + PAYLOAD + ROOM, 0x80);
    packet[1] = 0;
    packet.writeUInt16BE(this.#sequence & 0xffff, 2);
    packet.writeUInt32BE((PAYLOAD * this.#sequence) >>> 0, 4);
    packet.writeUInt32BE(0xabcd, 8);
    this.#sequence++;
    return packet.subarray(0, this.#sender.protectRtp(packet, HEADER + PAYLOAD));
  }

  send(packet: Buffer, port: number): void {
    this.sent++;
    this.#socket.send(packet, port, '127.0.0.1');
  }

  /** Resolves when so many more packets were opened. */
  hears(count: number): Promise<void> {
    const wanted = this.opened + count;
    return new Promise((resolve) => {
      const waiter = (): void => {
        if (this.opened < wanted) return;
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve();
      };
      this.#waiters.push(waiter);
    });
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #accept(packet: Buffer, port: number): void {
    if (packet[1] >= 192 && packet[1] <= 223) return;
    const sequence = packet.readUInt16BE(2);
    const asItCame = Buffer.from(packet);
    if ((this.#receiver?.unprotectRtp(packet, packet.length) ?? -1) < 0) {
      this.refused++;
      return;
    }
    this.opened++;
    this.newest = asItCame;
    if (this.#last >= 0) this.missing += (sequence - this.#last - 1) & 0xffff;
    this.#last = sequence;
    this.send(this.seal(), port);
    for (const waiter of this.#waiters) waiter();
  }
}
