/** Gives the nodes of the examples every field that their tables have, in the order in which Node-RED exports them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const { TABLES } = await tsImport('../nodes/tables.ts', import.meta.url);
const { STORED_VERSION } = await tsImport('../nodes/shared/migrations.ts', import.meta.url);
const folder = join(dirname(fileURLToPath(import.meta.url)), '../examples');

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const nodes = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  writeFileSync(join(folder, file), `${JSON.stringify(nodes.map(completed), null, 2)}\n`);
}

/** The node with its properties in order: those that Node-RED writes first, our fields, and the rest, such as wires. */
function completed(node) {
  const table = TABLES.get(node.type);
  if (!table) return node;
  const { id, type, z, d, g, name, ...rest } = node;
  const first = Object.entries({ id, type, z, d, g, name }).filter(([, value]) => value !== undefined);
  const fields = Object.entries(table.fields).flatMap(([field, { kind, value, type: typeOfValue }]) => {
    if (kind === 'secret') return [];
    const stored = [[field, rest[field] ?? value]];
    return kind === 'typed' ? [...stored, [`${field}Type`, rest[`${field}Type`] ?? typeOfValue]] : stored;
  });
  const { outputs, outputsOf } = table;
  const branching = outputsOf ? [['outputs', (rest[outputsOf] ?? []).length + outputs.length - 1]] : [];
  const ours = Object.fromEntries([...fields, ...branching, ['version', STORED_VERSION]]);
  return {
    ...Object.fromEntries(first),
    ...ours,
    ...Object.fromEntries(Object.entries(rest).filter(([field]) => !(field in ours))),
  };
}
