import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** File of the code that a thread or a process of its own runs, and the Node options to run it. */
export interface Program {
  path: string;
  execArgv: string[];
}

/**
 * Finds such a file: `.js` beside the bundle of the package, `.ts` below this folder when the sources run under tsx,
 * whose hooks do not reach a worker unless it requires them itself (Node 20). A worker starts three times as fast from
 * built code, so a run of all tests names the folder of that in `SIPFLOW_BUILT_MEDIA`.
 *
 * @param name path below `lib/media`, without extension, for example `worker/main`.
 */
export function programOf(name: string): Program {
  const fromSources = __filename.endsWith('.ts');
  const folder = fromSources ? process.env.SIPFLOW_BUILT_MEDIA : __dirname;
  const built = folder && join(folder, `${name}.js`);
  return built && existsSync(built)
    ? { path: built, execArgv: [] }
    : { path: join(__dirname, `${name}.ts`), execArgv: ['--require', require.resolve('tsx/cjs')] };
}
