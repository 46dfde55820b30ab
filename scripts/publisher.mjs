import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

/**
 * The fields of package.json that depend on who publishes the package: all of them come from `publisher.json`, such as
 * `{"repository": "https://git.example.org/voice/sipflow", "author": "Voice team <voice@example.org>"}`, and none is
 * there without that file.
 */
export function published() {
  const path = join(root, 'publisher.json');
  if (!existsSync(path)) return {};
  const { repository, author } = JSON.parse(readFileSync(path, 'utf8'));
  const home = repository?.replace(/\/$/, '');
  return {
    ...(author ? { author } : {}),
    ...(home
      ? {
          repository: { type: 'git', url: `git+${home}.git` },
          bugs: { url: `${home}/issues` },
          homepage: `${home}#readme`,
        }
      : {}),
  };
}
