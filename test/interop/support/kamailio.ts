import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filled } from './asterisk';
import { freePort } from './ports';
import { output, PeerProcess, tail } from './peer-process';
import { installed } from './programs';
import type { RunningPeer } from './suite';

const TEMPLATE = join(__dirname, '..', 'peers', 'kamailio', 'kamailio.cfg');
const MODULES = ['/usr/lib/x86_64-linux-gnu/kamailio/modules', '/usr/lib/aarch64-linux-gnu/kamailio/modules'];

export interface KamailioOptions {
  /** Where numbers go, in the order in which they are tried. */
  gateways?: readonly string[];
  /** Control port of rtpengine. */
  relayPort?: number;
  algorithm?: 'MD5' | 'SHA-256';
}

/** A Kamailio with `peers/kamailio/kamailio.cfg`, at 127.0.0.2. */
export class Kamailio implements RunningPeer {
  #process: PeerProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    readonly version: string,
  ) {}

  static async open(options: KamailioOptions = {}): Promise<Kamailio | undefined> {
    const program = installed('kamailio');
    const modules = MODULES.find((path) => existsSync(path));
    if (!program || !modules) return undefined;
    const version = /kamailio ([\d.]+)/.exec(await output(program.file, ['-v']))?.[1] ?? 'unknown';
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-kamailio-'));
    const kamailio = new Kamailio(folder, await freePort(), version);
    const gateways = join(folder, 'gateways.list');
    writeFileSync(gateways, (options.gateways ?? []).map((uri, n) => `1 ${uri} 0 ${10 - n}\n`).join(''));
    const configuration = join(folder, 'kamailio.cfg');
    writeFileSync(
      configuration,
      filled(TEMPLATE, {
        port: String(kamailio.port),
        modules: `${modules}/`,
        algorithm: options.algorithm ?? 'MD5',
        gateways,
        relayPort: String(options.relayPort ?? 9),
      }),
    );
    kamailio.#process = await PeerProcess.start({
      file: program.file,
      // One process group in the foreground, with little memory.
      args: ['-DD', '-E', '-f', configuration, '-m', '32', '-Y', folder, '-w', folder],
      cwd: folder,
      log: kamailio.#logFile,
      ready: () => answersTcp('127.0.0.2', kamailio.port),
    });
    return kamailio;
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

/** Whether something accepts a TCP connection. */
export function answersTcp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
    socket.on('close', (failed) => resolve(!failed));
  });
}
