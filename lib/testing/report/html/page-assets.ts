import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface PageAssets {
  script: string;
  style: string;
}

let made: PageAssets | undefined;

/**
 * Script and style of the page, from the sources in `page/`. The build puts what this returns in the place of this
 * module, so that the package needs neither the sources nor the compiler.
 */
export function pageAssets(): PageAssets {
  made ??= compiled();
  return made;
}

function compiled(): PageAssets {
  const { buildSync } = createRequire(__filename)('esbuild') as typeof import('esbuild');
  const folder = join(__dirname, '..', 'page');
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
