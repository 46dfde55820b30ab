import { type Clock, SipflowError, systemClock, type TimerHandle, toSipflowError } from '../../common';

/** Longest time that a server gets for a whole file. */
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;
/** The server is asked again after this time; until then all calls play the same bytes. */
const FRESH_MS = 60_000;
/** Time without a request after which a file is dropped. Its converted form is in the prompt cache. */
const UNUSED_MS = 5 * 60_000;
/** Most bytes kept; the least recently used file is dropped first. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** Most bytes of downloads in progress at the same time. */
const MAX_COMING_BYTES = 256 * 1024 * 1024;

/** Downloaded file with its validators for conditional requests (RFC 9110, 13.1). */
interface Fetched {
  bytes: Uint8Array;
  etag: string | null;
  lastModified: string | null;
  /** Changes with the bytes. */
  version: number;
}

interface Download {
  fetched: Promise<Fetched>;
  /** Bytes, as soon as they are there. */
  size: number;
  askedAt: number;
  usedAt: number;
}

export interface DownloadLimits {
  /** For connecting, answering and sending the whole file. */
  timeoutMs?: number;
  /** Of one file. */
  maxBytes?: number;
  /** Of all that are kept. */
  maxKeptBytes?: number;
}

/** Whether a source is to be fetched. */
export function isUrl(source: unknown): source is string {
  return typeof source === 'string' && /^https?:\/\//i.test(source);
}

/**
 * Audio from http and https, fetched once for all calls that want it at the same time. After a minute the server is
 * asked whether it changed; a file unused for five minutes is dropped.
 */
export class Downloads {
  /** In order of use: the least recent first. */
  readonly #kept = new Map<string, Download>();
  readonly #limits: Required<DownloadLimits>;
  #keptBytes = 0;
  #comingBytes = 0;
  #lastVersion = 0;
  #sweep: TimerHandle | undefined;

  constructor(
    limits: DownloadLimits = {},
    private readonly clock: Clock = systemClock,
  ) {
    this.#limits = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, maxKeptBytes: MAX_KEPT_BYTES, ...limits };
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#keptBytes;
  }

  /**
   * The bytes behind a URL and a key that changes with them.
   * Rejects with FILE_NOT_FOUND (404, 410) or FILE_ACCESS (anything else that the network or server does).
   */
  async get(url: string): Promise<{ bytes: Uint8Array; key: string }> {
    const now = this.clock.now();
    let download = this.#kept.get(url);
    if (!download || now - download.askedAt > FRESH_MS) download = this.#ask(url, download, now);
    else this.#use(url, download, now);
    try {
      const { bytes, version } = await download.fetched;
      this.#account(url, download, bytes.length);
      return { bytes, key: `${url}\n${version}` };
    } catch (error) {
      if (this.#kept.get(url) === download) this.#forget(url);
      throw error;
    }
  }

  /** Drops all files. */
  close(): void {
    for (const url of [...this.#kept.keys()]) this.#forget(url);
    this.clock.clearTimeout(this.#sweep);
    this.#sweep = undefined;
  }

  #ask(url: string, before: Download | undefined, now: number): Download {
    this.#forget(url);
    const download = { fetched: this.#fetch(url, before), size: 0, askedAt: now, usedAt: now };
    this.#use(url, download, now);
    this.#sweepLater();
    return download;
  }

  #use(url: string, download: Download, now: number): void {
    download.usedAt = now;
    this.#kept.delete(url);
    this.#kept.set(url, download);
  }

  /** Counts the bytes received, and makes room for them. */
  #account(url: string, download: Download, size: number): void {
    if (this.#kept.get(url) !== download) return;
    this.#keptBytes += size - download.size;
    download.size = size;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= this.#limits.maxKeptBytes) break;
      this.#forget(oldest);
    }
  }

  #forget(url: string): void {
    this.#keptBytes -= this.#kept.get(url)?.size ?? 0;
    this.#kept.delete(url);
  }

  #sweepLater(): void {
    this.#sweep ??= this.clock.setTimeout(() => {
      this.#sweep = undefined;
      const now = this.clock.now();
      for (const [url, { usedAt }] of this.#kept) if (now - usedAt >= UNUSED_MS) this.#forget(url);
      if (this.#kept.size > 0) this.#sweepLater();
    }, FRESH_MS);
  }

  /** @param before the copy at hand, which stays when the server answers 304 Not Modified. */
  async #fetch(url: string, before?: Download): Promise<Fetched> {
    const { timeoutMs } = this.#limits;
    const known = await before?.fetched.catch(() => undefined);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, { signal, headers: conditions(known) });
      if (known && response.status === 304) return known;
      if (!response.ok || !response.body) throw refused(url, response.status);
      const bytes = await this.#collect(url, response.body);
      const { headers } = response;
      return {
        bytes,
        etag: headers.get('etag'),
        lastModified: headers.get('last-modified'),
        version: ++this.#lastVersion,
      };
    } catch (error) {
      if (error instanceof SipflowError) throw error;
      const reason = signal.aborted
        ? `the server did not send it within ${timeoutMs / 1000} s`
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
    try {
      for (;;) {
        const { done, value: part } = await reader.read();
        if (done) return Buffer.concat(parts);
        length += part.length;
        this.#comingBytes += part.length;
        this.#assertRoom(url, length);
        parts.push(part);
      }
    } finally {
      this.#comingBytes -= length;
      reader.cancel().catch(() => undefined);
    }
  }

  #assertRoom(url: string, length: number): void {
    const { maxBytes } = this.#limits;
    if (length > maxBytes) {
      const limit = `${Math.round(maxBytes / 1_048_576)} MB`;
      throw new SipflowError(
        'FILE_ACCESS',
        `The audio ${url} is larger than ${limit}; save it as a file and play that.`,
      );
    }
    if (this.#comingBytes > MAX_COMING_BYTES) {
      const limit = `${MAX_COMING_BYTES / 1_048_576} MB`;
      throw new SipflowError(
        'FILE_ACCESS',
        `The audio ${url} cannot be fetched: ${limit} of audio are being fetched already. Save large files and play those.`,
      );
    }
  }
}

/** Header fields of a conditional request. */
function conditions(known: Fetched | undefined): Record<string, string> {
  return {
    ...(known?.etag && { 'if-none-match': known.etag }),
    ...(known?.lastModified && { 'if-modified-since': known.lastModified }),
  };
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
