import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder of the sounds that the package brings, found by walking up to the package.json: the sources
 * and the built files lie at different depths.
 */
export function packagedSoundsDir(from: string = __dirname): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'resources', 'sounds');
}
