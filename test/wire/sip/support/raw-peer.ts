import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const PATIENCE_MS = 20_000;

/** A SIP message as a test wants to look at it. */
export interface RawMessage {
  text: string;
  startLine: string;
  /** All values of a header field, by the name as it stands in the message. */
  all: (name: string) => string[];
  /** First value, or the empty string. */
  header: (name: string) => string;
  body: string;
  port: number;
}

interface Waiter {
  matches: (message: RawMessage) => boolean;
  resolve: (message: RawMessage) => void;
}

/** A peer made of a socket and handwritten messages: it does exactly what a test tells it, right or wrong. */
export class RawPeer {
  readonly #socket: Socket = createSocket('udp4');
  readonly #queue: RawMessage[] = [];
  readonly #waiters: Waiter[] = [];
  /** Everything that ever arrived, repeats only where they count. */
  readonly received: RawMessage[] = [];

  private constructor(private readonly repeats: boolean) {}

  /**
   * @param repeats whether what arrives again, byte by byte, counts; otherwise it is dropped, because with real timers
   *   any message is repeated when the machine stalls for half a second
   */
  static async open(repeats = false): Promise<RawPeer> {
    const peer = new RawPeer(repeats);
    peer.#socket.on('message', (bytes, remote) =>
      peer.#arrived(parse(bytes.toString('latin1'), remote.port)),
    );
    peer.#socket.bind(0, '127.0.0.1');
    await once(peer.#socket, 'listening');
    return peer;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(message: string | Buffer, port: number): void {
    this.#socket.send(
      typeof message === 'string' ? Buffer.from(message, 'latin1') : message,
      port,
      '127.0.0.1',
    );
  }

  /** The next message whose start line contains the text, waiting for it; earlier others are dropped. */
  next(startLine: string): Promise<RawMessage> {
    return this.nextWhere((message) => message.startLine.includes(startLine), startLine);
  }

  nextWhere(matches: (message: RawMessage) => boolean, what = 'a message'): Promise<RawMessage> {
    const index = this.#queue.findIndex(matches);
    if (index >= 0) return Promise.resolve(this.#queue.splice(0, index + 1)[index]);
    this.#queue.length = 0;
    return new Promise((resolve, reject) => {
      const seen = this.received.map(({ startLine }) => startLine).join('; ');
      const timer = setTimeout(
        () => reject(new Error(`${what} never came; seen before: ${seen}`)),
        PATIENCE_MS,
      );
      this.#waiters.push({
        matches,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
      });
    });
  }

  /** How many messages with that text in the start line arrived so far. */
  count(startLine: string): number {
    return this.received.filter((message) => message.startLine.includes(startLine)).length;
  }

  /**
   * Resolves when everything that the endpoint has sent to us so far is here: asks it for OPTIONS with a branch of
   * its own and waits for that answer.
   */
  async settled(port: number): Promise<void> {
    const branch = `z9hG4bKsettle${Math.random().toString(36).slice(2)}`;
    this.send(
      request('OPTIONS', { port: this.port, branch, callId: branch, target: `sip:127.0.0.1:${port}` }),
      port,
    );
    const answered = (message: RawMessage): boolean => message.header('Call-ID') === branch;
    if (this.received.some(answered)) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the endpoint does not answer OPTIONS')), PATIENCE_MS);
      this.#waiters.push({
        matches: answered,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #arrived(message: RawMessage): void {
    if (!this.repeats && this.received.some(({ text }) => text === message.text)) return;
    this.received.push(message);
    const index = this.#waiters.findIndex(({ matches }) => matches(message));
    if (index >= 0) this.#waiters.splice(index, 1)[0].resolve(message);
    else this.#queue.push(message);
  }
}

export function parse(text: string, port = 0): RawMessage {
  const end = text.indexOf('\r\n\r\n');
  const lines = text.slice(0, end < 0 ? undefined : end).split('\r\n');
  const all = (name: string): string[] =>
    lines
      .slice(1)
      .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
      .map((line) => line.slice(name.length + 1).trim());
  return {
    text,
    startLine: lines[0],
    all,
    header: (name) => all(name)[0] ?? '',
    body: end < 0 ? '' : text.slice(end + 4),
    port,
  };
}

export interface RequestParts {
  /** Port written into Via and Contact. */
  port: number;
  target: string;
  branch?: string;
  callId?: string;
  fromTag?: string;
  /** To value, with tag inside dialogs. */
  to?: string;
  cseq?: number;
  /** Further lines. */
  headers?: string[];
  body?: string;
  contact?: string | null;
  via?: string;
}

export const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

let counter = 0;

/** A request with everything that RFC 3261 asks for, unless a part says otherwise. */
export function request(method: string, parts: RequestParts): string {
  const unique = `${process.pid}-${++counter}`;
  const body = parts.body ?? '';
  const contact = parts.contact === undefined ? `<sip:raw@127.0.0.1:${parts.port}>` : parts.contact;
  return [
    `${method} ${parts.target} SIP/2.0`,
    parts.via ??
      `Via: SIP/2.0/UDP 127.0.0.1:${parts.port};branch=${parts.branch ?? `z9hG4bK${unique}`};rport`,
    'Max-Forwards: 70',
    `From: "Raw" <sip:raw@127.0.0.1:${parts.port}>;tag=${parts.fromTag ?? 'rawtag'}`,
    `To: ${parts.to ?? `<${parts.target}>`}`,
    `Call-ID: ${parts.callId ?? `call-${unique}`}`,
    `CSeq: ${parts.cseq ?? 1} ${method}`,
    ...(contact === null ? [] : [`Contact: ${contact}`]),
    ...(parts.headers ?? []),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

export interface ResponseParts {
  tag?: string;
  contact?: string;
  headers?: string[];
  body?: string;
}

/** A response to a received request. */
export function response(to: RawMessage, status: string, parts: ResponseParts = {}): string {
  const body = parts.body ?? '';
  const toValue = to.header('To');
  const tagged =
    parts.tag === undefined || toValue.includes(';tag=') ? toValue : `${toValue};tag=${parts.tag}`;
  return [
    `SIP/2.0 ${status}`,
    ...to.all('Via').map((via) => `Via: ${via}`),
    `From: ${to.header('From')}`,
    `To: ${tagged}`,
    `Call-ID: ${to.header('Call-ID')}`,
    `CSeq: ${to.header('CSeq')}`,
    ...(parts.contact === undefined ? [] : [`Contact: <${parts.contact}>`]),
    ...(parts.headers ?? []),
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
