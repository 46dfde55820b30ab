import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Compiles the script and the style of a page from `main.ts` and `page.css` in `folder`. Only where the sources and the
 * compiler are: the build of this package puts what comes of it in the place of the modules `page-assets.ts`.
 */
export function compilePage(folder: string): { script: string; style: string } {
  const { buildSync } = createRequire(__filename)('esbuild') as typeof import('esbuild');
  const build = (entry: string): string => {
    const { outputFiles } = buildSync({
      entryPoints: [join(folder, entry)],
      bundle: true,
      write: false,
      minify: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      charset: 'ascii',
      legalComments: 'none',
      // Of the same layers, but not part of what the page uses.
      external: ['node:*'],
    } as const);
    return outputFiles[0].text.trim();
  };
  return { script: build('main.ts'), style: build('page.css') };
}
