import { isAbsolute, relative, resolve } from 'node:path';

/**
 * Path by which a file of a report is found from another folder, with slashes; absolute where that is on another drive.
 *
 * @param base folder that the paths in the report are relative to
 * @param from folder that the result is relative to
 */
export function linkTo(file: string, base: string, from: string): string {
  const path = relative(from, resolve(base, file));
  return (isAbsolute(path) ? path : path || '.').replaceAll('\\', '/');
}
