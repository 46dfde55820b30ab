import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CERTIFICATE, filled, PRIVATE_KEY } from './asterisk';
import { freePort } from '../../support/ports';
import { output, PeerProcess, tail } from './peer-process';
import { installed } from './programs';
import type { RunningPeer } from './suite';

const TEMPLATES = join(__dirname, '..', 'peers', 'kamailio');
const MODULES = ['/usr/lib/x86_64-linux-gnu/kamailio/modules', '/usr/lib/aarch64-linux-gnu/kamailio/modules'];

export interface KamailioOptions {
  /** Where numbers go, in the order in which they are tried. */
  gateways?: readonly string[];
  /** Control port of rtpengine. */
  relayPort?: number;
  algorithm?: 'MD5' | 'SHA-256';
  /** Whether it also listens for TLS, at 127.0.0.1, which its certificate names. */
  tls?: boolean;
  /** Whether both of its TCP and TLS ports take WebSockets too. */
  webSocket?: boolean;
  /** Whether it reaches phones over the connections that they have opened only. */
  reuse?: boolean;
  /** Host and port of the registrar that it is the edge proxy of. */
  edgeOf?: string;
}

/** A Kamailio with `peers/kamailio/kamailio.cfg`, at 127.0.0.2. */
export class Kamailio implements RunningPeer {
  #process: PeerProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    readonly tlsPort: number,
    readonly version: string,
    private readonly file: string,
  ) {}

  static async open(options: KamailioOptions = {}): Promise<Kamailio | undefined> {
    const program = installed('kamailio');
    const modules = MODULES.find((path) => existsSync(path));
    if (!program || !modules || (options.tls && !existsSync(join(modules, 'tls.so')))) return undefined;
    if (options.webSocket && !existsSync(join(modules, 'websocket.so'))) return undefined;
    const version = /kamailio ([\d.]+)/.exec(await output(program.file, ['-v']))?.[1] ?? 'unknown';
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-kamailio-'));
    const kamailio = new Kamailio(folder, await freePort(), await freePort(), version, program.file);
    const gateways = join(folder, 'gateways.list');
    writeFileSync(gateways, (options.gateways ?? []).map((uri, n) => `1 ${uri} 0 ${10 - n}\n`).join(''));
    const configuration = join(folder, 'kamailio.cfg');
    writeFileSync(
      configuration,
      filled(join(TEMPLATES, options.edgeOf ? 'edge.cfg' : 'kamailio.cfg'), {
        port: String(kamailio.port),
        modules: `${modules}/`,
        algorithm: options.algorithm ?? 'MD5',
        gateways,
        registrar: options.edgeOf ?? '',
        defines: [
          ...(options.webSocket ? ['#!define WEBSOCKET'] : []),
          ...(options.reuse ? ['#!define REUSE'] : []),
        ].join('\n'),
        relayPort: String(options.relayPort ?? 9),
        ...tlsLines(options.tls ? kamailio.tlsPort : undefined),
      }),
    );
    await kamailio.start();
    return kamailio;
  }

  async start(): Promise<void> {
    this.#process = await PeerProcess.start({
      file: this.file,
      // One process group in the foreground, with little memory.
      args: [
        '-DD',
        '-E',
        '-f',
        join(this.folder, 'kamailio.cfg'),
        ...['-m', '32', '-Y', this.folder, '-w', this.folder],
      ],
      cwd: this.folder,
      log: this.#logFile,
      ready: () => answersTcp('127.0.0.2', this.port),
    });
  }

  /** Ends, and forgets who was registered. */
  async crash(): Promise<void> {
    await this.#process?.stop();
  }

  get address(): string {
    return `127.0.0.2:${this.port}`;
  }

  log(): string {
    return tail(this.#logFile);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #logFile(): string {
    return join(this.folder, 'out.log');
  }
}

function tlsLines(port: number | undefined): Record<'tlsListen' | 'tlsModule', string> {
  if (port === undefined) return { tlsListen: '', tlsModule: '' };
  const files = `modparam("tls", "certificate", "${CERTIFICATE}")\nmodparam("tls", "private_key", "${PRIVATE_KEY}")`;
  return {
    tlsListen: `enable_tls=yes\nlisten=tls:127.0.0.1:${port}`,
    tlsModule: `loadmodule "tls.so"\n${files}\nmodparam("tls", "verify_certificate", 0)\nmodparam("tls", "tls_method", "TLSv1.2+")`,
  };
}

/** Whether something accepts a TCP connection. */
export function answersTcp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
    socket.on('close', (failed) => resolve(!failed));
  });
}
