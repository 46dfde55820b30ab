import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Builds one of the C programs beside this file; undefined where there is no compiler. */
export function compile(folder: string, name: 'reference' | 'sink'): string | undefined {
  const program = join(folder, name);
  const { status } = spawnSync('cc', ['-O2', '-o', program, join(__dirname, `${name}.c`)]);
  return status === 0 ? program : undefined;
}
