// Runs the media benchmark on JavaScript as the package ships it: compiled by tsc into a folder of its own. What tsx
// makes of the sources looks imported names up by a function call, which costs about a tenth of the CPU per packet.
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-'));

try {
  const config = join(folder, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        // `npm run typecheck` does that.
        noCheck: true,
        rootDir: root,
        outDir: join(folder, 'out'),
        typeRoots: [join(root, 'node_modules', '@types')],
      },
      include: [join(root, 'bench/media/**/*.ts'), join(root, 'lib/media/**/*.ts')],
    }),
  );
  run([join(root, 'node_modules/typescript/bin/tsc'), '-p', config]);
  symlinkSync(join(root, 'node_modules'), join(folder, 'out', 'node_modules'), 'junction');
  symlinkSync(join(root, 'resources'), join(folder, 'out', 'resources'), 'junction');
  copyFileSync(join(root, 'package.json'), join(folder, 'out', 'package.json'));
  for (const program of ['reference.c', 'sink.c']) {
    copyFileSync(join(here, program), join(folder, 'out', 'bench', 'media', program));
  }
  const [first, ...rest] = process.argv.slice(2);
  const parts = {
    account: 'account.js',
    capacity: 'capacity-alone.js',
    captures: 'captures.js',
    drivers: 'drivers.js',
    'session-alone': 'session-alone.js',
  };
  const part = parts[first];
  const [program, args] = part ? [part, rest] : ['bench.js', process.argv.slice(2)];
  run([join(folder, 'out', 'bench', 'media', program), ...args]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}`);
}
