import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

interface Message {
  start: string;
  /** Header lines, without the start line. */
  lines: string[];
  body: string;
}

/**
 * A small PBX for tests: a registrar that asks for digest credentials, and a stateless proxy with
 * Record-Route between the phones that are registered (RFC 3261, 10.3 and 16.11). UDP.
 */
export class Pbx {
  readonly #socket: Socket = createSocket('udp4');
  readonly #nonce = randomBytes(8).toString('hex');
  /** Contact URI by user, for the bindings that stand. */
  readonly bindings = new Map<string, string>();
  /** Start lines of all requests that came in. */
  readonly requests: string[] = [];

  private constructor(
    private readonly passwords: Readonly<Record<string, string>>,
    private readonly host: string,
  ) {}

  /**
   * @param passwords by user; nobody else can register
   * @param host address to listen on, and the name that the phones have for the PBX
   */
  static async open(passwords: Readonly<Record<string, string>>, host = '127.0.0.1'): Promise<Pbx> {
    const pbx = new Pbx(passwords, host);
    pbx.#socket.on('message', (bytes, from) => pbx.#receive(parse(bytes.toString('utf8')), from));
    pbx.#socket.bind(0, host);
    await once(pbx.#socket, 'listening');
    return pbx;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #receive(message: Message, from: RemoteInfo): void {
    if (message.start.startsWith('SIP/2.0 ')) return this.#passResponse(message);
    this.requests.push(message.start);
    const via = message.lines.findIndex((line) => /^Via:/i.test(line));
    if (via < 0) return;
    message.lines[via] =
      `${message.lines[via]?.replace(/;rport(?==|;|$)[^;]*/i, '')};received=${from.address};rport=${from.port}`;
    if (message.start.startsWith('REGISTER ')) this.#register(message);
    else this.#passRequest(message);
  }

  #register(message: Message): void {
    const user = /sip:([^@>]+)@/.exec(header(message, 'To'))?.[1] ?? '';
    const password = this.passwords[user];
    if (password === undefined) return this.#respond(message, '403 Forbidden');
    if (!proves(header(message, 'Authorization'), 'REGISTER', user, password, this.#nonce)) {
      const challenge = `WWW-Authenticate: Digest realm="pbx", nonce="${this.#nonce}", algorithm=MD5, qop="auth"`;
      return this.#respond(message, '401 Unauthorized', [challenge]);
    }
    const contact = header(message, 'Contact');
    const uri = /<([^>]+)>/.exec(contact)?.[1] ?? '';
    if (/expires=0\b/.test(contact) || header(message, 'Expires') === '0') this.bindings.delete(user);
    else this.bindings.set(user, uri);
    this.#respond(message, '200 OK', this.bindings.has(user) ? [`Contact: <${uri}>;expires=120`] : []);
  }

  #passRequest(message: Message): void {
    const [method = '', uri = ''] = message.start.split(' ');
    const route = message.lines.findIndex((line) => /^Route:/i.test(line) && line.includes(this.address));
    let target = uri;
    if (route >= 0) message.lines.splice(route, 1);
    else target = this.bindings.get(/^sips?:([^@;]+)@/.exec(uri)?.[1] ?? '') ?? '';
    const [, host, port] = /@?([\d.]+):(\d+)/.exec(target) ?? [];
    if (!host || !port) {
      if (method !== 'ACK') this.#respond(message, '404 Not Found');
      return;
    }
    // One branch for one transaction, also for its retransmissions; an ACK to a 2xx is a transaction of its own.
    const branch = createHash('md5')
      .update(message.lines.find((line) => /^Via:/i.test(line)) ?? '')
      .digest('hex');
    const added = [`Via: SIP/2.0/UDP ${this.address};branch=z9hG4bK${branch}`];
    if (method === 'INVITE') added.push(`Record-Route: <sip:${this.address};lr>`);
    this.#send(
      { ...message, start: `${method} ${target} SIP/2.0`, lines: [...added, ...message.lines] },
      host,
      port,
    );
  }

  #passResponse(message: Message): void {
    const own = message.lines.findIndex((line) => /^Via:/i.test(line));
    if (own < 0 || !message.lines[own]?.includes(this.address)) return;
    message.lines.splice(own, 1);
    this.#sendBack(message);
  }

  #respond(request: Message, status: string, extra: string[] = []): void {
    const kept = request.lines.filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
    const lines = kept.map((line) => (/^To:/i.test(line) && !/;tag=/.test(line) ? `${line};tag=pbx` : line));
    this.#sendBack({
      start: `SIP/2.0 ${status}`,
      lines: [...lines, ...extra, 'Content-Length: 0'],
      body: '',
    });
  }

  #sendBack(response: Message): void {
    const via = response.lines.find((line) => /^Via:/i.test(line)) ?? '';
    const [, host] = /;received=([\d.]+)/.exec(via) ?? [];
    const [, port] = /;rport=(\d+)/.exec(via) ?? [];
    if (host && port) this.#send(response, host, port);
  }

  #send({ start, lines, body }: Message, host: string, port: string): void {
    this.#socket.send([start, ...lines, '', body].join('\r\n'), Number(port), host);
  }
}

function parse(text: string): Message {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [start = '', ...lines] = head.split('\r\n');
  return { start, lines, body: rest.join('\r\n\r\n') };
}

function header(message: Message, name: string): string {
  const line = message.lines.find((candidate) =>
    candidate.toLowerCase().startsWith(`${name.toLowerCase()}:`),
  );
  return line?.slice(name.length + 1).trim() ?? '';
}

/** RFC 2617, 3.2.2, with MD5 and qop "auth". */
function proves(
  authorization: string,
  method: string,
  user: string,
  password: string,
  nonce: string,
): boolean {
  const field = (name: string): string => new RegExp(`[ ,]${name}="?([^",]*)`).exec(authorization)?.[1] ?? '';
  if (field('nonce') !== nonce || field('username') !== user) return false;
  const md5 = (...parts: string[]): string => createHash('md5').update(parts.join(':')).digest('hex');
  const secret = md5(user, field('realm'), password);
  const expected = md5(secret, nonce, field('nc'), field('cnonce'), 'auth', md5(method, field('uri')));
  return field('response') === expected;
}
