// Prints Node-RED's scorecard for the packed package: `npm run scorecard`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { prepare, root } from './prepare.mjs';

const TOOL = 'node-red-dev@0.1.6';
// Kept between runs, and outside of the checkout, because the tool is none of our dependencies.
const scratch = join(tmpdir(), `sipflow-${TOOL}`);

prepare();
const tool = join(scratch, 'node_modules', 'node-red-dev', 'bin', 'run');
process.env.SIPFLOW_SCORECARD = tool;
if (!existsSync(tool)) {
  mkdirSync(scratch, { recursive: true });
  writeFileSync(join(scratch, 'package.json'), '{ "private": true }\n');
  if (!npm(`install --no-audit --no-fund --silent ${TOOL}`, scratch)) process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'sipflow-scorecard-'));
try {
  run(`npm pack --silent --ignore-scripts --pack-destination ${folder}`, root);
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tarball = join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  run(`tar -xzf ${tarball} -C ${folder}`, folder);
  run(
    `node --require ${join(root, 'scripts', 'scorecard-offline.cjs')} ${tool} validate -p ${join(folder, 'package')}`,
    folder,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, cwd) {
  const { status } = spawnSync(command, { cwd, stdio: 'inherit', shell: true });
  if (status !== 0) process.exitCode = status ?? 1;
}
