import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/ports';

/** Whether this machine has a Redis to start; in CI one has to be there. */
export function hasRedis(): boolean {
  return Boolean(process.env.CI) || spawnSync('redis-server', ['--version']).status === 0;
}

/** A Redis of a test, on a port of its own, that can be stopped and started again. */
export class TestRedis {
  #server: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly settings: readonly string[],
    private readonly isSecure = false,
  ) {}

  static async start(...settings: string[]): Promise<TestRedis> {
    const redis = new TestRedis(await freePort(), mkdtempSync(join(tmpdir(), 'sipflow-redis-')), settings);
    await redis.up();
    return redis;
  }

  /** One that speaks TLS alone. */
  static async startSecure({ cert, key }: { cert: string; key: string }): Promise<TestRedis> {
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-redis-'));
    const port = await freePort();
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certFile];
    const settings = ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
    const redis = new TestRedis(port, folder, settings, true);
    await redis.up();
    return redis;
  }

  get url(): string {
    return `redis${this.isSecure ? 's' : ''}://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--dir', this.folder];
    const server = spawn('redis-server', [...options, ...this.settings], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.once('close', () => reject(new Error('Redis ended.')));
      server.stdout.on('data', (chunk: Buffer) => {
        if (/Ready to accept connections/.test(chunk.toString())) resolve();
      });
    });
  }

  /** Stops it; what it held is gone, as with a Redis that saves nothing. */
  async down(): Promise<void> {
    const server = this.#server;
    if (!server || server.exitCode !== null) return;
    const closed = new Promise((resolve) => server.once('close', resolve));
    server.kill('SIGKILL');
    await closed;
  }

  async close(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
