import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/** The modules that each module of the product needs when it is loaded; imports of types are no part of that. */
function importGraph(): Map<string, string[]> {
  const files = ['lib', 'nodes', 'plugins', 'cli'].flatMap((folder) => modulesBelow(join(ROOT, folder)));
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(file, 'utf8'))]));
}

function modulesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));
}

function importsOf(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  return source.statements
    .filter((statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement))
    .filter((statement) => !isOfTypes(statement))
    .map(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral | undefined)?.text ?? '')
    .filter((specifier) => specifier.startsWith('.') && !specifier.endsWith('.json'))
    .map((specifier) => join(dirname(file), specifier))
    .map((path) => (existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts')));
}

function isOfTypes(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) {
    const names = statement.exportClause && ts.isNamedExports(statement.exportClause);
    return statement.isTypeOnly || (names === true && areTypes(statement.exportClause.elements));
  }
  const clause = statement.importClause;
  if (!clause || clause.isTypeOnly) return clause !== undefined;
  const bindings = clause.namedBindings;
  return !clause.name && bindings !== undefined && ts.isNamedImports(bindings) && areTypes(bindings.elements);
}

function areTypes(elements: readonly { isTypeOnly: boolean }[]): boolean {
  return elements.every(({ isTypeOnly }) => isTypeOnly);
}

/** The first circle that is found, as the paths along it; empty when there is none. */
function circleIn(graph: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const visit = (file: string, way: string[]): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next, [...way, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const circle = visit(file, []);
    if (circle.length > 0) return circle.map((path) => relative(ROOT, path));
  }
  return [];
}

describe('imports', () => {
  it('lead to modules that exist, and never in a circle', () => {
    const graph = importGraph();
    assert.ok(graph.size > 400);
    for (const [file, imports] of graph) {
      for (const path of imports) assert.ok(graph.has(path), `${file} imports ${path}`);
    }
    assert.deepEqual(circleIn(graph), []);
  });

  it('a circle would be found, but for one of types', () => {
    const graph = (first: string) =>
      new Map([
        ['a.ts', importsOf('a.ts', first).map(() => 'b.ts')],
        ['b.ts', importsOf('b.ts', "export * from './a';").map(() => 'a.ts')],
      ]);
    assert.equal(circleIn(graph("import { b } from './b';")).length, 3);
    assert.equal(circleIn(graph("import b, { type B } from './b';")).length, 3);
    assert.deepEqual(circleIn(graph("import { type B } from './b';")), []);
    assert.deepEqual(circleIn(graph("import type { B } from './b';")), []);
  });

  for (const [file, specifier, fault] of [
    ['lib/sip/dialog/dialog.ts', '../../media', /lib\/sip may not import lib\/media/],
    ['lib/media/worker/main.ts', '../../calls', /lib\/media may not import lib\/calls/],
    ['lib/calls/call.ts', '../../nodes/shared/message-fields', /lib\/calls may not import nodes/],
    ['nodes/hold/hold.ts', '../../lib/sip', /nodes may not import lib\/sip/],
    ['cli/run.ts', '../lib', undefined],
    ['cli/run.ts', '../lib/calls', /cli may not import lib\/calls/],
    ['lib/index.ts', '../cli/run', /lib may not import cli/],
    ['lib/calls/call.ts', '../sip/types', /lib\/sip through its index/],
    ['lib/calls/media/bridge.ts', '../../media/types', /lib\/media through its index/],
    ['lib/calls/peer/negotiation.ts', '../media/call-media', undefined],
    ['lib/calls/call.ts', '../trace', undefined],
    ['lib/sip/dialog/dialog.ts', '../message/uri', undefined],
    ['lib/sip/dialog/dialog.ts', '../core-adapter/core-dialog', /by lib\/sip\/endpoint\/parts\.ts only/],
    ['lib/load/generator.ts', '../testing', undefined],
    ['lib/testing/attempt.ts', '../load', /lib\/testing may not import lib\/load/],
    ['lib/evidence/pcap.ts', 'node:fs', /no I\/O/],
    ['lib/audio/tones.ts', 'fs/promises', /no I\/O/],
    ['lib/calls/call.ts', 'node-red', /never imports Node-RED/],
    ['lib/sip/dialog/dialog.ts', 'sip.js/lib/core', /behind its adapter/],
  ] as const) {
    it(`${file} ${fault ? 'may not' : 'may'} import ${specifier}`, async () => {
      const url = pathToFileURL(join(ROOT, 'scripts/layers.mjs')).href;
      const { importFault } = (await import(url)) as {
        importFault: (file: string, specifier: string) => string;
      };
      if (fault) assert.match(importFault(file, specifier), fault);
      else assert.equal(importFault(file, specifier), undefined);
    });
  }
});
