import { createRequire } from 'node:module';
import { join } from 'node:path';

const load = createRequire(__filename);
const dist = join(__dirname, '..', '..', 'dist', 'lib');

/**
 * The compiled library, as users get it: what a loader makes of the sources at run time is slower, because it
 * names every closure when it is created.
 */
export const builtCalls = load(join(dist, 'calls')) as typeof import('../../lib/calls');
