import { createRequire } from 'node:module';
import { join } from 'node:path';

const ownRequire = createRequire(__filename);

/** The Node-RED under test: that of `SIPFLOW_NODE_RED`, a folder that holds its package, else the one installed here. */
export const nodeRedEntry = process.env.SIPFLOW_NODE_RED
  ? join(process.env.SIPFLOW_NODE_RED, 'lib', 'red.js')
  : ownRequire.resolve('node-red');

/** Modules as that Node-RED sees them. */
export const requireOfNodeRed = createRequire(nodeRedEntry);

/** Path of Node-RED's program `red.js`. */
export const nodeRedProgram = requireOfNodeRed.resolve('node-red/red.js');

/** Its major version. */
export const nodeRedMajor = Number(
  (requireOfNodeRed('node-red/package.json') as { version: string }).version.split('.')[0],
);
