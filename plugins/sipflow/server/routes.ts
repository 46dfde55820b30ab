import type { NodeAPI } from 'node-red';
import { type ErrorCode, toSipflowError } from '../../../lib/common';

/** A request as the handlers see it. All of it may be anything. */
export interface Asked {
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, unknown>>;
  body: unknown;
}

/** An answer that is no JSON. */
export class Document {
  constructor(
    readonly type: string,
    readonly body: string | Uint8Array,
  ) {}
}

/** An answer that is a file of this computer. */
export class StoredFile {
  /** @param path absolute; never made from what a request says */
  constructor(readonly path: string) {}
}

type Handler = (asked: Asked) => unknown;

const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_CONFIG: 400,
  CALL_UNKNOWN: 404,
  FILE_NOT_FOUND: 404,
  CALL_STATE: 409,
  CALL_ENDED: 410,
};

/**
 * The routes of the sidebar, below the path of the editor. Each needs a permission; without it the answer is 401 or 403
 * and has no content. An error of a handler is answered with its code and message.
 */
export class Routes {
  constructor(private readonly RED: NodeAPI) {}

  /** `GET` with the permission `sipflow.read`. */
  read(path: string, handler: Handler): void {
    this.#serve('get', path, 'sipflow.read', handler);
  }

  /** `POST` of JSON with the permission `sipflow.read`, for what changes nothing but the sidebar itself. */
  tell(path: string, handler: Handler): void {
    this.#serve('post', path, 'sipflow.read', handler);
  }

  /** `POST` of JSON with the permission `sipflow.write`. */
  write(path: string, handler: Handler): void {
    this.#serve('post', path, 'sipflow.write', handler);
  }

  #serve(method: 'get' | 'post', path: string, permission: string, handler: Handler): void {
    const guard = this.RED.auth.needsPermission(permission);
    this.RED.httpAdmin[method](`/sipflow/sidebar/${path}`, guard, (request, response) => {
      response.set('Cache-Control', 'no-store');
      response.set('X-Content-Type-Options', 'nosniff');
      // A web page of somebody else can post text to a Node-RED without passwords, but not JSON.
      if (method === 'post' && !request.is('json')) return void response.sendStatus(415);
      const asked = {
        params: request.params as Record<string, string>,
        query: request.query,
        body: request.body as unknown,
      };
      const answer = async (): Promise<void> => {
        const result = await handler(asked);
        if (result instanceof Document) response.type(result.type).send(Buffer.from(result.body));
        else if (result instanceof StoredFile) sendFile(response, result.path);
        else response.json(result ?? {});
      };
      answer().catch((error: unknown) => {
        const { code, message } = toSipflowError(error);
        response.status(STATUS[code] ?? 500).json({ code, message });
      });
    });
  }
}

/** The part of an answer that sends files. */
interface FileSender {
  headersSent: boolean;
  sendFile(path: string, options: object, done: (error?: Error) => void): void;
  sendStatus(status: number): unknown;
}

function sendFile(response: FileSender, path: string): void {
  // The user directory is usually `.node-red`.
  response.sendFile(path, { dotfiles: 'allow', cacheControl: false }, (error) => {
    if (error && !response.headersSent) response.sendStatus(404);
  });
}

/** A text of a query or body; '' when it is none. */
export function textOf(value: unknown, most = 500): string {
  return typeof value === 'string' ? value.slice(0, most) : '';
}

/** A text of a body that is an object. */
export function bodyText(body: unknown, name: string): string {
  return typeof body === 'object' && body !== null ? textOf((body as Record<string, unknown>)[name]) : '';
}

/** The language that a request asks for. */
export function languageOf({ query }: Asked): 'en' | 'ko' {
  return query.lang === 'ko' ? 'ko' : 'en';
}
