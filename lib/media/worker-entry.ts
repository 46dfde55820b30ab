import { join } from 'node:path';

/** Where a worker's code is and how Node has to be started to run it. */
export interface WorkerEntry {
  path: string;
  execArgv: string[];
}

/**
 * Finds a worker's entry next to this file: `.js` in the built package, `.ts` when the sources run
 * under tsx, whose hooks do not reach a worker unless it requires them itself (Node 20).
 *
 * @param name path below `lib/media`, without extension, for example `worker/main`.
 */
export function workerEntry(name: string): WorkerEntry {
  const fromSources = __filename.endsWith('.ts');
  return fromSources
    ? { path: join(__dirname, `${name}.ts`), execArgv: ['--require', require.resolve('tsx/cjs')] }
    : { path: join(__dirname, `${name}.js`), execArgv: [] };
}
