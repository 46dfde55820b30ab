import { createServer, type Server } from 'node:http';
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { RuntimeJob } from './protocol';
import { memoryStorage } from './memory-storage';

/** A node that runs. */
export interface RunningNode {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
}

/** The part of Node-RED's module that is used here. */
interface NodeRedModule {
  init(server: Server, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly version: string | (() => string);
  readonly events: EventEmitter;
  readonly httpNode: (request: object, response: object) => void;
  readonly nodes: {
    getNode(id: string): RunningNode | null;
    eachNode(look: (node: RunningNode) => void): void;
  };
}

/** A sentence that says why Node-RED does not run the flows. */
export class NodeRedRefusal extends Error {
  override readonly name = 'NodeRedRefusal';
}

/** Node-RED in this process, without editor and admin API, with its flows running. */
export class NodeRed {
  readonly #module: NodeRedModule;
  readonly #server = createServer((request, response) => this.#module.httpNode(request, response));

  constructor(readonly job: RuntimeJob) {
    const load = createRequire(join(job.nodeRed, 'package.json'));
    this.#module = load('node-red') as NodeRedModule;
  }

  get version(): string {
    const { version } = this.#module;
    return typeof version === 'function' ? version() : version;
  }

  /**
   * Resolves once every node of the flows has been made.
   *
   * @throws NodeRedRefusal for node types and modules that are not there
   */
  async start(): Promise<void> {
    // A port of its own for nodes such as `http in`, so that a run never meets an editor or another run.
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    this.#module.init(this.#server, this.#settings((this.#server.address() as AddressInfo).port));
    const started = this.#flowsStarted();
    await this.#module.start();
    await started;
  }

  async stop(): Promise<void> {
    await this.#module.stop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Nodes that run, of those that are in the flow file. */
  running(): RunningNode[] {
    const found: RunningNode[] = [];
    this.#module.nodes.eachNode(({ id }) => {
      const node = this.#module.nodes.getNode(id);
      if (node) found.push(node);
    });
    return found;
  }

  #settings(port: number): object {
    const { job } = this;
    return {
      httpAdminRoot: false,
      disableEditor: true,
      httpNodeRoot: '/',
      uiHost: '127.0.0.1',
      uiPort: port,
      userDir: job.userDir,
      storageModule: memoryStorage(job.flows, job.credentials),
      credentialSecret: false,
      // Files that core nodes name lie where the flow file lies.
      fileWorkingDirectory: job.flowFolder,
      sipflow: {
        soundsFrom: job.flowFolder,
        recordingsTo: job.outputFolder,
        share: job.share,
        ...captureOf(job),
      },
      functionExternalModules: true,
      externalModules: {
        autoInstall: false,
        palette: { allowInstall: false },
        modules: { allowInstall: false },
      },
      telemetry: { enabled: false, updateNotification: false },
      logging: { console: { level: 'info', metrics: false, audit: false } },
    };
  }

  /** Node-RED tells of flows that it does not start by an event only. */
  #flowsStarted(): Promise<void> {
    const { events } = this.#module;
    return new Promise((resolve, reject) => {
      events.once('flows:started', () => resolve());
      events.on('runtime-event', ({ payload }: { payload?: StoppedFlows }) => {
        const sentence = payload && refusalOf(payload);
        if (sentence) reject(new NodeRedRefusal(sentence));
      });
    });
  }
}

/** What all phones capture, where the command says so. */
function captureOf({ pcap }: RuntimeJob): { capture?: 'audio' | 'off' } {
  return pcap === undefined ? {} : { capture: pcap === 'off' ? 'off' : 'audio' };
}

/** An event about flows that do not run. */
interface StoppedFlows {
  error?: string;
  types?: readonly string[];
  modules?: readonly { module: string; error: string }[];
}

function refusalOf({ error, types = [], modules = [] }: StoppedFlows): string | undefined {
  if (error === 'missing-types') {
    const all = types.join(', ');
    return types.some((type) => type.startsWith('sip-'))
      ? `This version of the package has no node of the type ${all}: the flow was made with another one.`
      : `No installed package has nodes of the type ${all}. Name the Node-RED user directory that has it: --user-dir DIR.`;
  }
  if (error === 'missing-modules') {
    const all = modules.map(({ module }) => module).join(', ');
    return `Function nodes of the flow need ${all}. Name the Node-RED user directory that has it: --user-dir DIR.`;
  }
  return undefined;
}
