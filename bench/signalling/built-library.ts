import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * The built library, as users get it: code that a loader compiles at run time is slower, because it names every closure
 * when it is created.
 */
export const library = createRequire(__filename)(
  join(__dirname, '..', '..', 'dist', 'lib'),
) as typeof import('../../lib');
