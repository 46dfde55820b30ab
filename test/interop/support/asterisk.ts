import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, freeRange } from '../../support/ports';
import { eventually, output, PeerProcess, tail } from './peer-process';
import { unpacked, unpackedRoot, type Program } from './programs';
import type { RunningPeer } from './suite';

const TEMPLATES = join(__dirname, '..', 'peers', 'asterisk');
const TLS = join(__dirname, '..', '..', 'wire', 'sip', 'support', 'tls');
const RTP_PORTS = 600;

/** The authority (itself) of the certificate that our peers show. */
export const CERTIFICATE = join(TLS, 'test-only-cert.pem');
export const PRIVATE_KEY = join(TLS, 'test-only-key.pem');

/** An Asterisk with users and extensions of `peers/asterisk`, in a folder of its own. */
export class Asterisk implements RunningPeer {
  #process: PeerProcess | undefined;

  private constructor(
    private readonly program: Program,
    /** The files that were unpacked with it. */
    private readonly root: string,
    private readonly folder: string,
    readonly port: number,
    readonly tlsPort: number,
    readonly wsPort: number,
    readonly wssPort: number,
    readonly version: string,
  ) {}

  static async open(): Promise<Asterisk | undefined> {
    const program = unpacked('asterisk', 'usr/sbin/asterisk');
    const root = unpackedRoot('asterisk');
    if (!program || !root) return undefined;
    const [port, tlsPort] = [await freePort(), await freePort()];
    const [wsPort, wssPort] = [await freePort(), await freePort()];
    const said = await output(program.file, [...program.prefix, '-V']);
    const version = /Asterisk ([\d.]+)/.exec(said)?.[1] ?? said.trim();
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-asterisk-'));
    const asterisk = new Asterisk(program, root, folder, port, tlsPort, wsPort, wssPort, version);
    await asterisk.configure();
    await asterisk.start();
    return asterisk;
  }

  /** Host and port for UDP and TCP. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** A sound that Asterisk plays, as a file. */
  sound(name: string): string {
    return join(this.root, 'usr/share/asterisk/sounds/en', `${name}.wav`);
  }

  async start(): Promise<void> {
    const configuration = join(this.folder, 'etc', 'asterisk.conf');
    this.#process = await PeerProcess.start({
      file: this.program.file,
      args: [...this.program.prefix, '-C', configuration, '-f', '-n'],
      cwd: this.folder,
      log: join(this.folder, 'out.log'),
      ready: async () => (await this.cli('core waitfullybooted')).includes('fully booted'),
    });
  }

  /** Runs a command of its console and returns what that says. */
  cli(command: string): Promise<string> {
    const configuration = join(this.folder, 'etc', 'asterisk.conf');
    return output(this.program.file, [...this.program.prefix, '-C', configuration, '-rx', command]);
  }

  /** Calls a registered phone and runs an application when it answers, such as `Echo` or `Playback hello-world`. */
  async call(user: string, application: string): Promise<void> {
    await this.cli(`channel originate PJSIP/${user} application ${application}`);
  }

  /** Has an extension of its dialplan call a registered phone. */
  async callFrom(extension: string, user: string): Promise<void> {
    await this.cli(`channel originate PJSIP/${user} extension ${extension}@phones`);
  }

  /** What the extension `tone<hertz>` has heard. */
  heardBy(hertz: number): string {
    return join(this.folder, 'spool', `heard-${hertz}.wav`);
  }

  /** Everything that it logged, with its digits and notices. */
  get logged(): string {
    return readFileSync(join(this.folder, 'log', 'full'), 'utf8');
  }

  /** Listens to its log, which it writes a little later, from now on; what it returns waits for a line. */
  listen(): (what: RegExp) => Promise<void> {
    const heard = this.logged.length;
    return async (what) => {
      await eventually(`${what} in the log`, () => (what.test(this.logged.slice(heard)) ? true : undefined));
    };
  }

  /**
   * The SIP messages that it logged, in order, while `pjsip set logger on` was in force; what was sent again is
   * there once.
   */
  messages(): string[] {
    const [, ...parts] = this.logged.split(
      /<--- (?:Transmitting|Received) SIP (?:request|response) .*--->\n/,
    );
    return [
      ...new Set(parts.map((part) => part.replaceAll('\r', '').replace(/\n\[\d\d:\d\d[\s\S]*$/, '\n'))),
    ];
  }

  log(): string {
    return tail(join(this.folder, 'log', 'full'), 60);
  }

  /** Ends at once, as in a crash, and forgets who was registered. */
  async crash(): Promise<void> {
    await this.#process?.stop('SIGKILL');
    for (const file of readdirSync(join(this.folder, 'lib'))) rmSync(join(this.folder, 'lib', file));
  }

  async stop(): Promise<void> {
    await this.#process?.stop('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async configure(): Promise<void> {
    const rtpFirst = await freeRange(RTP_PORTS);
    const libraries = join(this.root, 'usr/lib');
    const modules = readdirSync(libraries).map((name) => join(libraries, name, 'asterisk/modules'));
    const values: Record<string, string> = {
      dir: this.folder,
      modules: modules.find((path) => hasFiles(path)) ?? '',
      data: join(this.root, 'usr/share/asterisk'),
      port: String(this.port),
      tlsPort: String(this.tlsPort),
      wsPort: String(this.wsPort),
      wssPort: String(this.wssPort),
      rtpFirst: String(rtpFirst),
      rtpLast: String(rtpFirst + RTP_PORTS - 1),
      cert: CERTIFICATE,
      key: PRIVATE_KEY,
    };
    for (const name of ['etc', 'lib', 'cache', 'spool', 'run', 'log']) mkdirSync(join(this.folder, name));
    for (const name of readdirSync(TEMPLATES)) {
      writeFileSync(join(this.folder, 'etc', name), filled(join(TEMPLATES, name), values));
    }
  }
}

/** The text of a file with each `{{name}}` replaced by its value. */
export function filled(path: string, values: Readonly<Record<string, string>>): string {
  return readFileSync(path, 'utf8').replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${path} asks for "${name}", which nobody knows`);
    return value;
  });
}

function hasFiles(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}
