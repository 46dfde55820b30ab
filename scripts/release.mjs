// Makes a release of the version in package.json: `npm run release -- --dry-run` shows what would be published, what
// the changelog says and how the tag is called; without `--dry-run` it publishes and tags.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';
import { published } from './publisher.mjs';

const dryRun = process.argv.includes('--dry-run');
const MANIFEST = join(root, 'package.json');

prepare();
const stored = readFileSync(MANIFEST, 'utf8');
const manifest = JSON.parse(stored);
const tag = `v${manifest.version}`;
const notes = changelogOf(manifest.version);
const faults = whatIsMissing();

// The packed manifest names its publisher; the checkout does not.
writeFileSync(MANIFEST, `${JSON.stringify({ ...manifest, ...published() }, null, 2)}\n`);
try {
  if (dryRun) show();
  else release();
} finally {
  writeFileSync(MANIFEST, stored);
}

function show() {
  const [pack] = JSON.parse(output('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']));
  const lines = pack.files.map(({ path, size }) => `  ${String(size).padStart(8)}  ${path}`);
  console.log(`Tarball ${pack.filename}: ${pack.files.length} files, ${kilobytes(pack.size)} packed,`);
  console.log(`${kilobytes(pack.unpackedSize)} unpacked\n${lines.join('\n')}`);
  console.log(`\nChangelog of ${manifest.version}\n\n${notes ?? '(none)'}\n`);
  console.log(`Tag ${tag}`);
  if (faults.length > 0) console.log(`\nBefore a release:\n  ${faults.join('\n  ')}`);
}

function release() {
  if (faults.length > 0) stop(`No release yet:\n  ${faults.join('\n  ')}`);
  run('npm', ['publish', '--access', 'public']);
  run('git', ['tag', '--annotate', tag, '--message', `${tag}\n\n${notes}`]);
  console.log(`Published and tagged. Now: git push origin ${tag}`);
}

/** Reasons why the release cannot be made, one sentence each. */
function whatIsMissing() {
  const sentences = [];
  if (!notes) sentences.push(`CHANGELOG.md has no section "## ${manifest.version} – YYYY-MM-DD".`);
  if (output('git', ['status', '--porcelain']).trim() !== '') {
    sentences.push('The checkout has changes that are not committed.');
  }
  if (output('git', ['tag', '--list', tag]).trim() !== '') sentences.push(`The tag ${tag} exists already.`);
  if (!existsSync(join(root, 'publisher.json'))) {
    sentences.push('publisher.json is missing: CONTRIBUTING.md says what it holds.');
  }
  return sentences;
}

/** The text below the heading of a version, without the heading. */
function changelogOf(version) {
  const sections = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${version} `));
  return section?.slice(section.indexOf('\n')).trim();
}

function output(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) stop(`${command} ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) stop(`${command} ${args.join(' ')} failed; it says why above.`);
}

function stop(sentence) {
  writeFileSync(MANIFEST, stored);
  console.error(sentence);
  process.exit(1);
}

function kilobytes(bytes) {
  return `${Math.round(bytes / 1024).toLocaleString('en')} KB`;
}
