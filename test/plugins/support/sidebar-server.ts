import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import sidebar from '../../../plugins/sipflow/sipflow';
import { requireOfNodeRed } from '../../support/node-red-path';
import { request } from '../../package/support/node-red';

interface App {
  (request: unknown, response: unknown): void;
  use(handler: unknown): void;
}
type Guard = (
  request: { get(name: string): string | undefined },
  response: { status(code: number): { end(): void } },
  next: () => void,
) => void;

const express = requireOfNodeRed('express') as { (): App; json(): unknown };

/** The admin API of the runtime under test, with the plugin in it. A user is a list of permissions in a header. */
export class SidebarServer {
  readonly #server: Server;
  /** What was published to the editors: topic and data. */
  readonly ticks: { topic: string; data: unknown; retain?: boolean }[] = [];
  readonly #onComms = (tick: { topic: string; data: unknown; retain?: boolean }): void => {
    if (tick.topic.startsWith('sipflow')) this.ticks.push(tick);
  };

  constructor() {
    const app = express();
    app.use(express.json());
    this.#server = createServer(app);
    const { _events: events, _redNodes: nodes } = helper;
    sidebar({
      httpAdmin: app,
      auth: { needsPermission: guardOf },
      events,
      nodes,
      settings: {},
      version: () => Promise.resolve('test'),
      // As the runtime does it.
      comms: {
        publish: (topic: string, data: unknown, retain: boolean) =>
          void events.emit('comms', { topic, data, retain }),
      },
    } as unknown as NodeAPI);
    events.on('comms', this.#onComms);
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    helper._events.off('comms', this.#onComms);
    this.#server.close();
    await once(this.#server, 'close');
  }

  async get<Answer>(path: string): Promise<Answer> {
    const response = await this.ask(path);
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** @param permissions of the user; all when absent */
  ask(path: string, permissions = '*'): Promise<Response> {
    return request(this.#url(path), { headers: { 'x-permissions': permissions } });
  }

  post(path: string, body: unknown = {}, permissions = '*', type = 'application/json'): Promise<Response> {
    return request(this.#url(path), {
      method: 'POST',
      headers: { 'x-permissions': permissions, 'content-type': type },
      body: JSON.stringify(body),
    });
  }

  #url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/sipflow/sidebar/${path}`;
  }
}

/** As Node-RED refuses a user without the permission: 401 without content. */
function guardOf(permission: string): Guard {
  return (asked, response, next) => {
    const granted = (asked.get('x-permissions') ?? '').split(' ');
    if (granted.includes('*') || granted.includes(permission)) next();
    else response.status(401).end();
  };
}
