// The command `sipflow` of this checkout: `npm run sipflow -- test "examples/18 - PBX regression.json"`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();
const command = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...process.argv.slice(2)], {
  // Where npm was typed, not where the package lies.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
});
// Ctrl-C reaches the command by itself; its results decide how this ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => command.kill('SIGTERM'));
command.on('close', (code) => {
  process.exitCode = code ?? 1;
});
