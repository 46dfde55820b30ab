// npm, asked again when a registry or the way to it fails for a moment.
import { spawnSync } from 'node:child_process';

const ATTEMPTS = 3;
const PAUSE_MS = 10_000;

/**
 * Runs npm in a folder until it succeeds, three times at most, and tells whether it did. What npm says is shown.
 *
 * @param command what follows `npm`
 */
export function npm(command, cwd) {
  // The npm that runs us, so that no other one is found; its own retries are for single files.
  const cli = process.env.npm_execpath;
  const own = cli && /\.[cm]?js$/.test(cli);
  const options = `${command} --fetch-retries=5`;
  for (let attempt = 1; ; attempt++) {
    const { status } = own
      ? spawnSync(process.execPath, [cli, ...options.split(' ')], { cwd, stdio: 'inherit' })
      : spawnSync(`npm ${options}`, { cwd, stdio: 'inherit', shell: true });
    if (status === 0) return true;
    console.error(`npm ${command} failed, try ${attempt} of ${ATTEMPTS}.`);
    if (attempt === ATTEMPTS) return false;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attempt * PAUSE_MS);
  }
}
