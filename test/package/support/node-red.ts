import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  readdirSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { nodeRedProgram } from '../../support/node-red-path';
import { freePort } from '../../support/ports';
import { packed } from './tarball';

export const root = join(__dirname, '..', '..', '..');

interface PackageJson {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  'node-red': { version: string; nodes: Record<string, string> };
}

export const ownPackage = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;

/** Names of the flow files in `examples/`, in order; programs of the library lie below it. */
export const exampleFiles = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.json'));

/** A flow file of `examples/`. */
export function exampleFlow(name: string): Record<string, unknown>[] {
  return JSON.parse(readFileSync(join(root, 'examples', name), 'utf8')) as Record<string, unknown>[];
}

/** A flow with other values in its tabs' properties, where examples keep the addresses of servers. */
export function withVariables(
  flow: Record<string, unknown>[],
  values: Readonly<Record<string, string>>,
): Record<string, unknown>[] {
  return flow.map((entry) => {
    if (entry.type !== 'tab') return entry;
    const env = (entry.env as { name: string; value: string }[]).map((variable) => ({
      ...variable,
      value: values[variable.name] ?? variable.value,
    }));
    return { ...entry, env };
  });
}

/** A real Node-RED in a process and a user directory of its own, with the packed package installed in it. */
export class NodeRed {
  readonly userDir = mkdtempSync(join(tmpdir(), 'sipflow-package-'));
  #process: ChildProcess | undefined;
  #url = '';
  #output = '';

  /** Everything the process has printed. */
  get output(): string {
    return this.#output;
  }

  get url(): string {
    return this.#url;
  }

  /** Packs the package as npm would publish it and unpacks it where Node-RED looks for it. */
  install(): void {
    if (!existsSync(join(root, 'dist', 'nodes')))
      throw new Error('There is no dist/ to pack: run "npm run build".');
    const target = join(this.userDir, 'node_modules', ownPackage.name);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', packed().file, '-C', target, '--strip-components=1']);
    // The dependencies are the tested ones; a registry is not needed for that.
    for (const dependency of Object.keys(ownPackage.dependencies)) {
      const link = join(this.userDir, 'node_modules', dependency);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, 'node_modules', dependency), link, 'junction');
    }
  }

  /**
   * @param credentials by node id, which Node-RED keeps apart from the flow
   * @param extra further settings
   */
  async start(
    flow: object[],
    credentials: Record<string, object> = {},
    extra: Record<string, unknown> = {},
  ): Promise<void> {
    const port = await freePort();
    this.#url = `http://127.0.0.1:${port}`;
    const settings = join(this.userDir, 'settings.js');
    const content = {
      uiHost: '127.0.0.1',
      flowFile: 'flows.json',
      credentialSecret: false,
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false, palette: { catalogues: [] } },
      ...extra,
    };
    writeFileSync(settings, `module.exports = ${JSON.stringify(content)};`);
    writeFileSync(join(this.userDir, 'flows.json'), JSON.stringify(flow));
    writeFileSync(join(this.userDir, 'flows_cred.json'), JSON.stringify(credentials));
    const before = this.#starts();
    const child = spawn(
      process.execPath,
      [nodeRedProgram, '-u', this.userDir, '-s', settings, '-p', String(port)],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    while (this.#starts() === before) {
      if (child.exitCode !== null) throw new Error(`Node-RED ended at once:\n${this.#output}`);
      await delay(50);
    }
    await this.#answering(child);
  }

  /** Resolves when requests are answered: flows may start before the server listens. */
  async #answering(child: ChildProcess): Promise<void> {
    for (;;) {
      const response = await fetch(this.#url, { method: 'HEAD' }).catch(() => undefined);
      if (response) return;
      if (child.exitCode !== null) throw new Error(`Node-RED ended at once:\n${this.#output}`);
      await delay(50);
    }
  }

  /** How often flows were started so far. */
  #starts(): number {
    return this.#output.split(/Started flows|플로우 시작됨/).length - 1;
  }

  async get(path: string): Promise<unknown> {
    const response = await request(`${this.#url}${path}`, { headers: { Accept: 'application/json' } });
    return response.json();
  }

  /** @param signal gives a request up that nobody will answer */
  async post(
    path: string,
    body: unknown,
    signal?: AbortSignal,
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await request(`${this.#url}${path}`, {
      ...(signal && { signal }),
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  /** Deploys again what is deployed already, which restarts every node; resolves when all of them run again. */
  async redeploy(): Promise<void> {
    const flows = await this.get('/flows');
    const starts = this.#starts();
    const response = await request(`${this.#url}/flows`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'full' },
      body: JSON.stringify(flows),
    });
    // A body that is not read keeps its connection.
    await response.text();
    while (this.#starts() === starts) await delay(20);
  }

  /** Asks the process to end and resolves with how long it took, in milliseconds. */
  async stop(): Promise<number> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return 0;
    const began = performance.now();
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
    return performance.now() - began;
  }

  /** Ends the process, whatever its state, and removes its user directory. */
  async dispose(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    }
    rmSync(this.userDir, { recursive: true, force: true });
  }
}

/** A request whose connection ends with it: one that is kept for later looks like a leak for four seconds. */
export function request(url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Connection', 'close');
  return fetch(url, { ...init, headers });
}
