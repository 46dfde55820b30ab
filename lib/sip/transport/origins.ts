import type { IncomingHttpHeaders } from 'node:http';
import { SipflowError } from '../../common';

/** Lets in pages from anywhere. */
const ANY = '*';
const WEB_SCHEMES = /^(?:https?|wss?):$/;

/**
 * The web pages whose scripts may connect to a WebSocket listener (RFC 6455, 10.2; RFC 7118, 7). Browsers let a page
 * connect to any address, also to one that only the user's machine reaches, and name the page in `Origin`. Programs
 * other than browsers send no such field and are not meant by it.
 */
export class AllowedOrigins {
  readonly #allowed: ReadonlySet<string>;

  /**
   * @param origins such as `https://phone.example.com`; `*` for any
   * @throws SipflowError BAD_CONFIG for one that is no origin
   */
  constructor(origins: readonly string[]) {
    this.#allowed = new Set(origins.map(readOrigin));
  }

  /** Whether a handshake with these fields may go on. */
  admits(headers: IncomingHttpHeaders): boolean {
    // Version 8 of the protocol has a field of its own.
    const named = [headers.origin, headers['sec-websocket-origin']]
      .flat()
      .filter((each) => each !== undefined);
    return named.every((origin) => this.#allowed.has(ANY) || this.#allowed.has(normalOrigin(origin) ?? ''));
  }
}

/**
 * Reads one entry of the list.
 *
 * @throws SipflowError BAD_CONFIG
 */
function readOrigin(text: string): string {
  const origin = text.trim() === ANY ? ANY : normalOrigin(text);
  if (origin !== undefined) return origin;
  throw new SipflowError(
    'BAD_CONFIG',
    `"${text.slice(0, 80)}" is not an origin: write scheme, host and, where it is not the usual one, the port, such as https://phone.example.com:8443.`,
  );
}

/** Scheme and host in lower case, without a usual port; undefined for what is no origin, as `null` is none. */
function normalOrigin(text: string): string | undefined {
  const trimmed = text.trim();
  // Applications name themselves by schemes of their own (`capacitor://localhost`, `chrome-extension://…`).
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]+\/?$/i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  return WEB_SCHEMES.test(url.protocol) ? url.origin : `${url.protocol}//${url.host.toLowerCase()}`;
}
