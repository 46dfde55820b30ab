import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersUdp } from './rtpengine';
import { freePort } from '../../support/ports';
import { output, PeerProcess, tail } from './peer-process';
import { installed } from './programs';
import type { RunningPeer } from './suite';

/** RFC 8489, section 5: type, length, magic cookie, transaction. */
const BINDING_REQUEST = Buffer.from('000100002112a442736970666c6f772074657374', 'hex');

/** A STUN server. */
export class Coturn implements RunningPeer {
  #process: PeerProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    readonly version: string,
  ) {}

  static async open(): Promise<Coturn | undefined> {
    const program = installed('turnserver');
    if (!program) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-coturn-'));
    const said = await output(program.file, ['--version']).catch((error: { stdout?: string }) =>
      String(error.stdout),
    );
    const version = /(\d+\.\d+\.\d+)/.exec(said)?.[1] ?? 'unknown';
    const server = new Coturn(folder, await freePort(), version);
    server.#process = await PeerProcess.start({
      file: program.file,
      args: [
        ...['-n', '--stun-only', '--no-auth', '--no-cli', '--no-tls', '--no-dtls'],
        ...['--listening-ip', '127.0.0.1', '--listening-port', String(server.port)],
        ...['--log-file', 'stdout', '--simple-log', '--pidfile', join(folder, 'pid')],
        ...['--userdb', join(folder, 'turndb')],
      ],
      cwd: folder,
      log: server.#logFile,
      ready: () => answersUdp(server.port, BINDING_REQUEST),
    });
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
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
