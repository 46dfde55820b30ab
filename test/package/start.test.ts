import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/ports';
import { exampleFlow, ownPackage, request, root } from './support/node-red';

/** Starts scripts/start.mjs and collects what it prints. */
function start(userDir: string, port: number) {
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], {
    env: { ...process.env, PORT: String(port), SIPFLOW_USER_DIR: userDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed.text += chunk.toString();
    });
  }
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(printed.text)) {
      if (child.exitCode !== null) throw new Error(`it ended: ${printed.text}`);
      await delay(50);
    }
  };
  return { child, printed, until };
}

describe('npm start', function () {
  this.timeout(60000);
  let userDir: string;
  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'sipflow-start-'));
  });
  afterEach(() => rmSync(userDir, { recursive: true, force: true }));

  it('starts Node-RED with the first two examples, says what to do next, and leaves no process on SIGTERM', async () => {
    const port = await freePort();
    const { child, printed, until } = start(userDir, port);
    await until(/Ctrl-C/);
    assert.ok(printed.text.includes(`Node.js ${process.version}`));
    assert.ok(printed.text.includes(ownPackage.name));
    assert.match(printed.text, /Node-RED \d+\.\d+\.\d+,/);
    const line = new RegExp(`curl -X POST http://127\\.0\\.0\\.1:${port}/demo/call`);
    assert.match(printed.text, line);
    assert.ok(existsSync(join(userDir, 'settings.js')));
    assert.doesNotMatch(printed.text, /unencrypted/, 'passwords of phones would lie about in clear');
    assert.deepEqual(
      JSON.parse(readFileSync(join(userDir, 'flows.json'), 'utf8')),
      ['00 - Hello, call.json', '01 - First call.json'].flatMap(exampleFlow),
    );
    assert.match(printed.text, /press the button of "Start"/);

    const response = await request(`http://127.0.0.1:${port}/demo/call`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{}',
    });
    const result = (await response.json()) as { ok: boolean; digits: string };
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.equal(result.digits, '1234');

    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const [code] = (await closed) as [number | null];
    assert.equal(code, 0);
  });

  it('ends with the npm that started it, although npm passes no signal on', async function () {
    if (process.platform === 'win32') return this.skip();
    const port = await freePort();
    const command = `PORT=${port} SIPFLOW_USER_DIR='${userDir}' npm_lifecycle_event=start '${process.execPath}' scripts/start.mjs; true`;
    const shell = spawn('sh', ['-c', command], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    shell.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    while (!text.includes('Ctrl-C')) await delay(50);
    const closed = once(shell.stdout, 'close');
    shell.kill('SIGTERM');
    await closed;
    await assert.rejects(fetch(`http://127.0.0.1:${port}/settings`));
  });

  it('says in a sentence that the port is in use, and how to choose another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { child, printed } = start(userDir, port);
    const [code] = (await once(child, 'close')) as [number];
    other.close();
    await once(other, 'close');
    assert.equal(code, 1);
    assert.match(printed.text, new RegExp(`Port ${port} is in use.*PORT=${port + 1} npm start`));
    assert.ok(!existsSync(join(userDir, 'flows.json')));
  });

  it('refuses a PORT that is no port', async () => {
    const { child, printed } = start(userDir, NaN);
    await once(child, 'close');
    assert.match(printed.text, /PORT must be a number/);
  });
});
