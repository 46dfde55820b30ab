import { join } from 'node:path';
import { compilePage } from '../../page';

let made: ReturnType<typeof compilePage> | undefined;

/** Script and style of the page, from the sources in `page/`; the build replaces this module with what it returns. */
export function pageAssets(): ReturnType<typeof compilePage> {
  made ??= compilePage(join(__dirname, 'page'));
  return made;
}
