import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ownPackage, root } from './support/node-red';
import { npm, packed } from './support/tarball';

/** A program as a stranger writes it on the first day: makes, answers and records a call. */
const PROGRAM = `import { createWorld } from '${ownPackage.name}';

const world = createWorld();
const alice = world.phone({ number: '1001' });
const bob = world.phone({ number: '1002' });
await Promise.all([alice.start(), bob.start()]);
bob.onCall(async (call) => {
  await call.answer();
  await call.play({ source: 'sipflow:beep' });
});
const call = await alice.dial('1002');
await call.outcome;
const recording = await call.record({ file: 'heard', maxDuration: 0.5 });
console.log(JSON.stringify(await recording.finished));
await world.close();
`;

/** Files of which a package has as many as it has nodes, plugins, sounds, languages and examples. */
const COUNTED_ELSEWHERE = [
  /^dist\/(nodes|plugins)\/[\w-]+\/[\w-]+\.(js|html)$/,
  /^dist\/(nodes|plugins)\/.*\/?icons\//,
  /^dist\/(nodes|plugins)\/.*\/?locales\//,
  /^resources\/sounds\//,
  /^examples\//,
];

describe('the tarball', () => {
  it('has at most 24 files besides nodes, plugins, icons, locales, sounds and examples', () => {
    const others = packed()
      .files.map(({ path }) => path)
      .filter((path) => !COUNTED_ELSEWHERE.some((pattern) => pattern.test(path)));
    assert.ok(others.length <= 24, others.join('\n'));
  });

  it('declares types for its entry points only', () => {
    const declarations = packed().files.filter(({ path }) => path.endsWith('.d.ts'));
    assert.deepEqual(
      declarations.map(({ path }) => path),
      ['dist/lib/index.d.ts', 'dist/lib/testing.d.ts'],
    );
  });

  it('has no source, test or map', () => {
    const strays = packed().files.filter(({ path }) => /\.map$|(?<!\.d)\.ts$|^test\//.test(path));
    assert.deepEqual(strays, []);
  });
});

describe('the package, installed into an empty project', function () {
  this.timeout(60_000);
  let project: string;

  before(() => {
    project = mkdtempSync(join(tmpdir(), 'sipflow-project-'));
    // The dependencies are the tested ones; a registry is not needed for that.
    const modules = [
      ...Object.keys(ownPackage.dependencies),
      ...Object.keys(ownPackage.optionalDependencies),
    ].filter((name) => existsSync(join(root, 'node_modules', name)));
    const dependencies = Object.fromEntries(
      modules.map((name) => [name, `file:${realpathSync(join(root, 'node_modules', name))}`]),
    );
    const manifest = {
      private: true,
      type: 'module',
      dependencies: { [ownPackage.name]: `file:${packed().file}`, ...dependencies },
    };
    writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
    npm(['install', '--offline', '--no-audit', '--no-fund'], project);
    for (const tool of ['typescript', '@types/node']) {
      const link = join(project, 'node_modules', tool);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, 'node_modules', tool), link, 'junction');
    }
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  const node = (...args: string[]): string =>
    execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });

  it('compiles and runs 15 lines of TypeScript that make, answer and record a call', () => {
    assert.equal(PROGRAM.trimEnd().split('\n').length, 15);
    writeFileSync(join(project, 'first.ts'), PROGRAM);
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    node(join(project, 'node_modules/typescript/bin/tsc'), ...options, 'first.ts');

    const { file, durationMs, reason } = JSON.parse(node('first.js')) as Record<string, unknown>;
    assert.equal(file, join(realpathSync(project), 'sip-recordings', 'heard.wav'));
    assert.equal(reason, 'max-duration');
    assert.ok(Math.abs(Number(durationMs) - 500) <= 20, String(durationMs));
    const samples = new Int16Array(readFileSync(String(file)).subarray(44).buffer.slice(44));
    assert.ok(
      samples.some((sample) => Math.abs(sample) > 1000),
      'the beep is heard',
    );
  });

  it('is had by require too', () => {
    const script = `console.log(Object.keys(require('${ownPackage.name}')).sort().join(' '))`;
    assert.match(
      node('--input-type=commonjs', '-e', script),
      /SipflowError createNullMediaEngine createTelemetry createWorld/,
    );
  });

  it('brings the command sipflow', () => {
    const help = npm(['exec', '--offline', '--', 'sipflow', '--help'], project);
    assert.match(help, /^Usage: sipflow COMMAND/);
  });
});
