import { mkdtempSync, rmSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, freeRange } from '../../support/ports';
import { output, PeerProcess, tail } from './peer-process';
import { installed } from './programs';
import type { RunningPeer } from './suite';

const RTP_PORTS = 100;
/** For its control port: a cookie and a bencoded dictionary. */
const PING = '1 d7:command4:pinge';

/** A media relay that a proxy controls. */
export class Rtpengine implements RunningPeer {
  #process: PeerProcess | undefined;

  private constructor(
    private readonly folder: string,
    /** Where it takes commands. */
    readonly port: number,
    /** First of its RTP ports. */
    readonly firstRtpPort: number,
    readonly version: string,
  ) {}

  static async open(): Promise<Rtpengine | undefined> {
    const program = installed('rtpengine');
    if (!program) return undefined;
    const said = await output(program.file, ['--version']);
    const version = /(\d+\.\d+[\d.]*)/.exec(said)?.[1] ?? 'unknown';
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-rtpengine-'));
    const relay = new Rtpengine(folder, await freePort(), await freeRange(RTP_PORTS), version);
    relay.#process = await PeerProcess.start({
      file: program.file,
      args: [
        ...['--foreground', '--log-stderr', '--table=-1', '--num-threads=2'],
        ...['--interface=127.0.0.1', `--listen-ng=127.0.0.1:${relay.port}`],
        ...[`--port-min=${relay.firstRtpPort}`, `--port-max=${relay.firstRtpPort + RTP_PORTS - 1}`],
        ...['--config-file=none', `--pidfile=${join(folder, 'pid')}`],
      ],
      cwd: folder,
      log: relay.#logFile,
      ready: () => answersUdp(relay.port, PING),
    });
    return relay;
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

/** Whether something at a port of 127.0.0.1 answers a datagram. */
export function answersUdp(port: number, question: string | Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (answered: boolean): void => {
      clearTimeout(timer);
      socket.close(() => resolve(answered));
    };
    const timer = setTimeout(() => finish(false), 500);
    socket.once('error', () => finish(false));
    socket.once('message', () => finish(true));
    socket.send(question, port, '127.0.0.1');
  });
}
