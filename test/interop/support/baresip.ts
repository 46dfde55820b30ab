import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filled } from './asterisk';
import { answersTcp } from './kamailio';
import { freePort, freeRange } from '../../support/ports';
import { eventually, output, PeerProcess, tail } from './peer-process';
import { installed } from './programs';
import { SWEEP_FILE, writeSweep } from './sound';
import type { RunningPeer } from './suite';

const TEMPLATES = join(__dirname, '..', 'peers', 'baresip');
const MODULES = ['/usr/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules'];

/** It hangs up when the file that it says is over: a minute and a half, so that no test waits that long. */
const SWEEPS = 32;

export interface BaresipOptions {
  codecs?: string;
  encryption?: string;
  /** Whether it says the sweep instead of what it hears. */
  playsSweep?: boolean;
  /** `early` lets the caller hear it until `accept`; `auto` when absent. */
  answerMode?: 'auto' | 'early';
}

/** A phone that echoes what it hears. It answers by itself, and calls when it is told to. */
export class Baresip implements RunningPeer {
  #process: PeerProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly controlPort: number,
    readonly version: string,
  ) {}

  static async open(options: BaresipOptions = {}): Promise<Baresip | undefined> {
    const program = installed('baresip');
    const modules = MODULES.find((path) => existsSync(path));
    if (!program || !modules) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-baresip-'));
    const said = await output(program.file, ['-h']).catch(
      (error: { stdout?: string; stderr?: string }) => `${error.stdout}${error.stderr}`,
    );
    const version = /v(\d+\.[\d.]+\d)/.exec(said)?.[1] ?? 'unknown';
    // It listens for TLS one port above the one that it is told.
    const phone = new Baresip(folder, await freePort(2), await freePort(), version);
    writeSweep(folder, SWEEPS);
    const rtpFirst = await freeRange(20);
    const values = {
      port: String(phone.port),
      controlPort: String(phone.controlPort),
      rtpFirst: String(rtpFirst),
      rtpLast: String(rtpFirst + 19),
      modules,
      answerMode: options.answerMode ?? 'auto',
      codecs: options.codecs ?? 'PCMA,PCMU',
      // The loop, which is also its loudspeaker, makes it say what it hears.
      source: options.playsSweep ? `aufile,${join(folder, SWEEP_FILE)}` : 'aubridge,loop',
      encryption: options.encryption ?? '',
    };
    for (const name of ['config', 'accounts']) {
      writeFileSync(join(folder, name), filled(join(TEMPLATES, name), values));
    }
    phone.#process = await PeerProcess.start({
      file: program.file,
      args: ['-s', '-f', folder],
      cwd: folder,
      log: phone.#logFile,
      ready: () => answersTcp('127.0.0.1', phone.controlPort),
    });
    return phone;
  }

  get uri(): string {
    return `sip:baresip@127.0.0.1:${this.port}`;
  }

  /** Runs one of its commands, such as `dial` or `hold`, and returns its answer. */
  command(command: string, params = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect(this.controlPort, '127.0.0.1', () => socket.write(packed({ command, params })));
      socket.setTimeout(20000, () => socket.destroy(new Error(`baresip does not answer ${command}`)));
      socket.on('data', (bytes) => {
        answer += bytes.toString('utf8');
        // Events come by the same way as answers.
        if (answer.includes('"response":true')) socket.end();
      });
      socket.once('error', reject);
      socket.once('close', () => resolve(answer));
    });
  }

  /** Collects the events that it tells from now on. */
  async listen(): Promise<{ text(): string; close(): void }> {
    const socket = connect(this.controlPort, '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString('utf8')));
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    // It tells events to those whose connection it has taken, which it shows by an answer.
    socket.write(packed({ command: 'uafind' }));
    await eventually('baresip to listen', () => (text.includes('"response":true') ? true : undefined));
    return { text: () => text, close: () => socket.destroy() };
  }

  log(): string {
    return tail(this.#logFile, 400);
  }

  /** All that it wrote. */
  get logged(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** TCP connections that somebody has made to a port of 127.0.0.1, and that stand. */
  connectionsTo(port: number): number {
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    const standing = new RegExp(` 0100007F:[0-9A-F]{4} 0100007F:${hex} 01 `, 'g');
    return readFileSync('/proc/net/tcp', 'utf8').match(standing)?.length ?? 0;
  }

  /** As when a machine loses its power. */
  async kill(): Promise<void> {
    await this.#process?.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #logFile(): string {
    return join(this.folder, 'out.log');
  }
}

/** A command as a netstring. */
function packed(command: { command: string; params?: string }): string {
  const text = JSON.stringify(command);
  return `${text.length}:${text},`;
}
