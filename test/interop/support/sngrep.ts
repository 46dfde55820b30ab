import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/ports';
import { output, PeerProcess, tail } from './peer-process';
import { installed } from './programs';
import type { RunningPeer } from './suite';

/** sngrep as a collector of HEP3 that writes the SIP it understood into a capture file. */
export class Sngrep implements RunningPeer {
  #process: PeerProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    readonly version: string,
  ) {}

  static async open(): Promise<Sngrep | undefined> {
    const program = installed('sngrep');
    if (!program) return undefined;
    const said = await output(program.file, ['-V']);
    const version = /sngrep - (\S+)/.exec(said)?.[1] ?? 'unknown';
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-sngrep-'));
    const sngrep = new Sngrep(folder, await freePort(), version);
    sngrep.#process = await PeerProcess.start({
      file: program.file,
      // The long spelling of -L; without an interface, and without a configuration of the user's own.
      args: ['-N', '-F', '--eep-listen', `udp:${sngrep.address}`, '-O', sngrep.file],
      cwd: folder,
      log: sngrep.#logFile,
      env: { TERM: 'xterm' },
      ready: () => /Dialog count/.test(tail(sngrep.#logFile)),
    });
    return sngrep;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The capture that sngrep writes: complete once it has stopped. */
  get file(): string {
    return join(this.folder, 'heard.pcap');
  }

  /** Dialogs that it counts. */
  get dialogs(): number {
    return Number([...tail(this.#logFile).matchAll(/Dialog count: (\d+)/g)].at(-1)?.[1] ?? 0);
  }

  log(): string {
    return tail(this.#logFile);
  }

  /** Ends the program and leaves its file. */
  async end(): Promise<void> {
    await this.#process?.stop();
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #logFile(): string {
    return join(this.folder, 'out.log');
  }
}
