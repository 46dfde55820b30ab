import { SipflowError, toSipflowError } from '../../common/errors';

/** Longest time that a server gets for a whole file. */
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;
/** A file is fetched again after this time; until then all calls play the same bytes. */
const FRESH_MS = 60_000;
/** Files that are kept. Their converted form is in the prompt cache, so this matters for the first calls only. */
const MAX_KEPT = 16;

interface Download {
  bytes: Promise<Uint8Array>;
  /** Distinguishes this copy from a later one. */
  version: number;
  at: number;
}

/** Whether a source is to be fetched. */
export function isUrl(source: unknown): source is string {
  return typeof source === 'string' && /^https?:\/\//i.test(source);
}

/** Audio from http and https, fetched once for all calls that want it at the same time. */
export class Downloads {
  readonly #kept = new Map<string, Download>();
  #lastVersion = 0;

  /**
   * @param timeoutMs for connecting, answering and sending the whole file.
   */
  constructor(
    private readonly timeoutMs: number = TIMEOUT_MS,
    private readonly maxBytes: number = MAX_BYTES,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * The bytes behind a URL and a key that changes when they are fetched anew.
   * Rejects with FILE_NOT_FOUND (404, 410) or FILE_ACCESS (anything else that the network or server does).
   */
  async get(url: string): Promise<{ bytes: Uint8Array; key: string }> {
    let download = this.#kept.get(url);
    if (!download || this.now() - download.at > FRESH_MS) {
      download = { bytes: this.#fetch(url), version: ++this.#lastVersion, at: this.now() };
      this.#keep(url, download);
    }
    try {
      return { bytes: await download.bytes, key: `${url}\n${download.version}` };
    } catch (error) {
      if (this.#kept.get(url) === download) this.#kept.delete(url);
      throw error;
    }
  }

  #keep(url: string, download: Download): void {
    this.#kept.delete(url);
    this.#kept.set(url, download);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
  }

  async #fetch(url: string): Promise<Uint8Array> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    try {
      const response = await fetch(url, { signal });
      if (!response.ok || !response.body) throw refused(url, response.status);
      return await this.#collect(url, response.body);
    } catch (error) {
      if (error instanceof SipflowError) throw error;
      const reason = signal.aborted
        ? `the server did not send it within ${this.timeoutMs / 1000} s`
        : describe(error);
      throw new SipflowError('FILE_ACCESS', `The audio ${url} cannot be fetched: ${reason}.`, {
        cause: error,
      });
    }
  }

  async #collect(url: string, body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    const reader = body.getReader();
    for (;;) {
      const { done, value: part } = await reader.read();
      if (done) return Buffer.concat(parts);
      length += part.length;
      if (length > this.maxBytes) {
        void reader.cancel();
        const limit = `${Math.round(this.maxBytes / 1048576)} MB`;
        throw new SipflowError(
          'FILE_ACCESS',
          `The audio ${url} is larger than ${limit}; save it as a file and play that.`,
        );
      }
      parts.push(part);
    }
  }
}

function refused(url: string, status: number): SipflowError {
  const code = status === 404 || status === 410 ? 'FILE_NOT_FOUND' : 'FILE_ACCESS';
  return new SipflowError(code, `The audio ${url} cannot be fetched: the server answered ${status}.`);
}

/** `fetch` hides the reason in the cause. */
function describe(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return toSipflowError(cause ?? error).message;
}
