import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Redis } from 'ioredis';
import { UsageError } from '../arguments';
import { fleetPackages } from './packages';
import { RedisPulse } from './redis-pulse';

/** Where the Redis of a fleet is. */
export interface QueueAddress {
  readonly url: URL;
  /** File with the certificate of its authority, for TLS. */
  readonly caFile?: string | undefined;
  /** In place of the one in the address. */
  readonly password?: string | undefined;
}

/** Settings of a connection, as both packages take them. */
export interface RedisSettings {
  host: string;
  port: number;
  db: number;
  username?: string;
  password?: string;
  tls?: object;
  connectTimeout: number;
  maxRetriesPerRequest: null;
  retryStrategy: (times: number) => number;
}

/** A connection that was lost comes back after at most so long, milliseconds. */
const RETRY_MS = 1000;
const CONNECT_WITHIN_MS = 10_000;

/** A connection to the Redis of a fleet, and what opens further ones. */
export class FleetRedis {
  #pulse: RedisPulse | undefined;

  private constructor(
    /** For everything but commands that block. */
    readonly client: Redis,
    readonly options: RedisSettings,
    /** Host and port, for sentences. */
    readonly place: string,
    private readonly note: (sentence: string) => void,
  ) {}

  /**
   * Connects.
   *
   * @param note takes a sentence when the connection is lost, and when it is there again
   * @throws UsageError with what is wrong: nobody there, a wrong password, no TLS
   */
  static async connect(address: QueueAddress, note: (sentence: string) => void): Promise<FleetRedis> {
    const options = optionsOf(address);
    const { ioredis } = fleetPackages();
    const client = new ioredis.Redis({ ...options, lazyConnect: true, retryStrategy: () => null });
    // The error of `connect` says only that the connection was closed.
    let why: Error | undefined;
    client.on('error', (error: Error) => (why ??= error));
    try {
      await client.connect();
      await client.ping();
    } catch (error) {
      client.disconnect();
      throw new UsageError(refusal(address, why ?? error));
    }
    // From now on it is worth waiting for.
    client.options.retryStrategy = options.retryStrategy;
    const shown = placeOf(address.url);
    let isLost = false;
    client.on('close', () => {
      if (!isLost) note(`The connection to Redis at ${shown} is lost; trying again.`);
      isLost = true;
    });
    client.on('ready', () => {
      isLost = false;
      note(`Redis at ${shown} is there again.`);
    });
    return new FleetRedis(client, options, shown, note);
  }

  /** Rejects with a UsageError when Redis has not answered for two minutes. */
  get gone(): Promise<never> {
    this.#pulse ??= new RedisPulse(this.client, this.place, this.note);
    return this.#pulse.gone;
  }

  close(): void {
    this.#pulse?.close();
    this.client.removeAllListeners('close');
    this.client.disconnect();
  }
}

/**
 * Reads the address of `--queue`.
 *
 * @throws Error with a sentence
 */
export function queueUrl(typed: string): URL {
  const example = 'such as redis://host:6379/0 or rediss://host';
  if (!URL.canParse(typed)) throw new Error(`It takes an address ${example}.`);
  const url = new URL(typed);
  const isKnown = url.protocol === 'redis:' || url.protocol === 'rediss:';
  if (!isKnown || url.hostname === '') throw new Error(`It takes an address ${example}.`);
  if (!/^(\/\d{0,5})?$/.test(url.pathname))
    throw new Error('The path of the address is the number of a database.');
  return url;
}

/** Host and port of an address, without the password. */
export function placeOf({ hostname, port }: URL): string {
  return `${hostname}:${port || DEFAULT_PORT}`;
}

const DEFAULT_PORT = 6379;

function optionsOf({
  url,
  caFile,
  password = decodeURIComponent(url.password),
}: QueueAddress): RedisSettings {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isSecure = url.protocol === 'rediss:';
  return {
    host,
    port: Number(url.port || DEFAULT_PORT),
    db: Number(url.pathname.slice(1) || 0),
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(password ? { password } : {}),
    ...(isSecure
      ? {
          tls: {
            // RFC 6066 allows no addresses there; the certificate is compared with the host all the same.
            ...(isIP(host) ? {} : { servername: host }),
            ...(caFile === undefined ? {} : { ca: certificate(caFile) }),
          },
        }
      : {}),
    connectTimeout: CONNECT_WITHIN_MS,
    // What blocks must never be given up.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(RETRY_MS, times * 100),
  };
}

function certificate(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

function refusal({ url }: QueueAddress, error: unknown): string {
  const { message, code = '' } = error as NodeJS.ErrnoException;
  const place = `Redis at ${placeOf(url)}`;
  if (/WRONGPASS|invalid password/i.test(message)) return `${place} refuses the password.`;
  if (/NOAUTH/.test(message)) {
    return `${place} wants a password: set SIPFLOW_REDIS_PASSWORD, or write it into the address.`;
  }
  return `${place} cannot be used: ${message || code}.`;
}

/** Whether Redis answered that it does not do what it was asked: for want of room, while it loads its data, … */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'ReplyError' || /^(OOM|LOADING|MISCONF|READONLY) /.test(error.message))
  );
}

/** What an error of a command says to people; a Redis without room is one of them. */
export function redisSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /\bOOM /.test(message) ? 'Redis is full: it takes nothing more (maxmemory).' : `Redis: ${message}`;
}
