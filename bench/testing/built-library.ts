import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = createRequire(__filename);
const built = join(__dirname, '..', '..', 'dist', 'lib');

/**
 * The built library, as users get it: code that a loader compiles at run time is slower, because it names every closure
 * when it is created.
 */
export const { createNullMediaEngine, createWorld } = load(built) as typeof import('../../lib');
export const { runChecks, Tests } = load(join(built, 'testing.js')) as typeof import('../../lib/testing');
