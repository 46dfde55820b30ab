// Builds dist/: one bundle that holds library and nodes, the command line, the entries of the worker threads, the
// private copy of the SIP core, the typings of the library, and the files that the editor loads.
import { build, buildSync } from 'esbuild';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { require as tsRequire } from 'tsx/cjs/api';
import { tsImport } from 'tsx/esm/api';
import { bundleSipCore } from './bundle-sip-core.mjs';

const { editorFile, helpWithFields } = await tsImport('./forms/index.ts', import.meta.url);

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const { 'node-red': nodeRed } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** Paths of the nodes without extension, such as `nodes/answer/answer`. */
const nodes = entriesOf(nodeRed.nodes);
const plugins = entriesOf(nodeRed.plugins);

rmSync(dist, { recursive: true, force: true });
await bundleSipCore();
await Promise.all([
  bundle('lib/sipflow.js', { stdin: { contents: everything(), resolveDir: root, loader: 'ts' } }),
  // A worker finds its code beside the bundle, at the path that it has below lib/media.
  bundle('lib/worker/main.js', { entryPoints: [join(root, 'lib/media/worker/main.ts')] }),
  bundle('lib/files/main.js', { entryPoints: [join(root, 'lib/media/files/main.ts')] }),
  bundle('cli/main.js', { entryPoints: [join(root, 'cli/main.ts')], plugins: [sharedLibrary()] }),
  bundle('cli/runtime.js', {
    entryPoints: [join(root, 'cli/runtime/main.ts')],
    plugins: [sharedLibrary()],
  }),
]);
chmodSync(join(dist, 'cli/main.js'), 0o755);
write('lib/index.js', entry('library'));
write('lib/testing.js', entry('testing'));
for (const node of nodes) {
  write(`${node}.js`, `module.exports = require('../../lib/sipflow.js').nodes['${node}'];\n`);
}
copy('lib/sip/core-adapter/generated', 'lib/generated', () => true);
for (const plugin of plugins) {
  write(`${plugin}.js`, `module.exports = require('../../lib/sipflow.js').plugins['${plugin}'];\n`);
  write(`${plugin}.html`, pluginFile(join(root, dirname(plugin), 'client')));
}
for (const folder of ['nodes', 'plugins'])
  copy(folder, folder, (path) => !/\.ts$|[\\/]client[\\/]/.test(path));
for (const node of nodes) write(`${node}.html`, editorFile(readFileSync(join(root, `${node}.html`), 'utf8')));
labelCategories();
listFields();
typings();

/** Paths of nodes or plugins below the root, and below dist, without extension. */
function entriesOf(declared) {
  return Object.values(declared).map((path) => path.replace(/^dist\/|\.js$/g, ''));
}

/** What the editor loads of a plugin: its style, and its script as a browser runs it. */
function pluginFile(folder) {
  const compiled = (entry) =>
    buildSync({
      entryPoints: [join(folder, entry)],
      bundle: true,
      write: false,
      minify: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      charset: 'ascii',
      legalComments: 'none',
      // Of modules of the same layers that a browser never runs, and that are left out.
      external: ['node:*'],
    }).outputFiles[0].text.trim();
  return [
    `<style>\n${compiled('sidebar.css')}\n</style>`,
    `<script type="text/javascript">\n${compiled('main.ts')}\n</script>\n`,
  ].join('\n');
}

/** The module from which the bundle is made: library, nodes and plugins share what they use. */
function everything() {
  const all = [...nodes, ...plugins];
  const imports = all.map((path, index) => `import entry${index} from './${path}';`);
  const list = (paths) => paths.map((path) => `  '${path}': entry${all.indexOf(path)},`).join('\n');
  return [
    "import * as library from './lib';",
    "import * as testing from './lib/testing';",
    "import * as load from './lib/load';",
    ...imports,
    `const nodes = {\n${list(nodes)}\n};`,
    `const plugins = {\n${list(plugins)}\n};`,
    'export { library, testing, load, nodes, plugins };',
  ].join('\n');
}

/** One assignment for each name, so that `import { createWorld } from …` finds it in an ES module too. */
function entry(part) {
  const exported = Object.keys(createRequire(import.meta.url)(join(dist, 'lib/sipflow.js'))[part]);
  const assignments = exported.map((name) => `exports.${name} = part.${name};\n`);
  return `const { ${part}: part } = require('./sipflow.js');\n${assignments.join('')}`;
}

/** The command line uses the library as any other program does, instead of a copy of its own. */
function sharedLibrary() {
  return {
    name: 'shared-library',
    setup: ({ onResolve, onLoad }) => {
      const outside = (path) => ({ path, external: true });
      onResolve({ filter: /^(\.\.\/)+lib$/ }, () => outside('../lib/index.js'));
      // The tests of a process are kept there once, for the nodes and for the command.
      onResolve({ filter: /^(\.\.\/)+lib\/testing$/ }, () => outside('../lib/testing.js'));
      // Only the command uses it besides the bundle, so that it has no file of its own.
      onResolve({ filter: /^(\.\.\/)+lib\/load$/ }, () => ({ path: 'load', namespace: 'part' }));
      onResolve({ filter: /./, namespace: 'part' }, ({ path }) => outside(path));
      onLoad({ filter: /./, namespace: 'part' }, ({ path }) => ({
        contents: `module.exports = require('../lib/sipflow.js').${path};`,
      }));
    },
  };
}

/** The script and the style of each page of a report, compiled, in the place of the module that compiles them. */
function compiledPage() {
  return {
    name: 'compiled-page',
    setup: ({ onLoad }) =>
      onLoad({ filter: /[\\/]page-assets\.ts$/ }, ({ path }) => {
        const { pageAssets } = tsRequire(path, import.meta.url);
        return {
          contents: `export const pageAssets = () => (${JSON.stringify(pageAssets())});`,
          loader: 'js',
        };
      }),
  };
}

/**
 * Nodes and plugins say `export =`, as Node-RED loads them. A bundle with such modules wraps every module that they
 * import, so that nothing in it is a constant for the compiler of the machine code: a call costs a tenth more.
 */
function asModules() {
  return {
    name: 'as-modules',
    setup: ({ onLoad }) =>
      onLoad({ filter: /[\\/](nodes|plugins)[\\/].*\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(/^export = /m, 'export default '),
        loader: 'ts',
      })),
  };
}

/**
 * Takes into a bundle only what its entry uses, although layers are imported through their `index.ts`: package.json
 * says (`sideEffects`) that importing a module does nothing by itself.
 */
function bundle(outfile, { plugins = [], ...source }) {
  return build({
    ...source,
    plugins: [...plugins, compiledPage(), asModules()],
    outfile: join(dist, outfile),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
  });
}

/**
 * Puts the names of the palette's categories into the texts of every node: the editor asks those of whichever node of a
 * category it meets first.
 */
function labelCategories() {
  const catalogue = (node, language) =>
    join(dist, dirname(node), 'locales', language, `${node.split('/').at(-1)}.json`);
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
  for (const language of readdirSync(join(root, 'nodes/sip-instance/locales'))) {
    const { palette } = read(catalogue('nodes/sip-instance/sip-instance', language));
    for (const node of nodes) {
      const file = catalogue(node, language);
      writeFileSync(file, JSON.stringify({ ...read(file), palette }));
    }
  }
}

/** Puts the fields of each form into the help text of its node. */
function listFields() {
  for (const language of readdirSync(join(root, 'nodes/sip-instance/locales'))) {
    const path = (node, end) => join(dirname(node), 'locales', language, `${node.split('/').at(-1)}.${end}`);
    const read = (file) => readFileSync(join(root, file), 'utf8');
    const texts = (node) => JSON.parse(read(path(node, 'json')));
    const { fields: words } = texts('nodes/sip-instance/sip-instance');
    for (const node of nodes) {
      const help = path(node, 'html');
      write(help, helpWithFields(read(help), texts(node), words));
    }
  }
}

/** One file for each entry point, with the types of everything that it exports. */
function typings() {
  const generator = join(root, 'node_modules/dts-bundle-generator/dist/bin/dts-bundle-generator.js');
  const options = ['--silent', '--no-check', '--no-banner', '--project', join(root, 'tsconfig.build.json')];
  for (const [name, source] of [
    ['index', 'lib/index.ts'],
    ['testing', 'lib/testing/index.ts'],
  ]) {
    const out = join(dist, `lib/${name}.d.ts`);
    run(process.execPath, [generator, ...options, '--out-file', out, join(root, source)]);
  }
}

/** Copies the files below `folder` that `wanted` accepts into dist, keeping their paths below it. */
function copy(folder, target, wanted) {
  for (const file of filesBelow(join(root, folder))) {
    if (!wanted(file)) continue;
    const to = join(dist, target, relative(join(root, folder), file));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(file, to);
  }
}

function write(path, text) {
  mkdirSync(dirname(join(dist, path)), { recursive: true });
  writeFileSync(join(dist, path), text);
}

function filesBelow(folder) {
  if (!statSync(folder, { throwIfNoEntry: false })) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
