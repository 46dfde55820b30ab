// The layers of the code, and the lint rule that keeps imports pointing down and through each layer's index.ts.
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const PURE = ['lib/dtmf', 'lib/audio', 'lib/common'];
const PROTOCOLS = ['lib/sip', 'lib/sdp', 'lib/media', 'lib/trace', 'lib/stun'];
const TOOLS = ['lib/load', 'lib/testing', 'lib/telemetry', 'lib/evidence'];

/** From top to bottom, with the layers that each may import. A folder that is not listed may import nothing of lib. */
export const LAYERS = {
  nodes: [...TOOLS, 'lib/calls', 'lib/audio', 'lib/common'],
  plugins: ['nodes', 'lib/page', ...TOOLS, 'lib/calls', 'lib/audio', 'lib/common'],
  cli: ['lib', ...TOOLS],
  lib: [...TOOLS, 'lib/calls', 'lib/common'],
  'lib/load': ['lib/testing', 'lib/page', 'lib/evidence', 'lib/calls', 'lib/common'],
  'lib/testing': ['lib/page', 'lib/evidence', 'lib/calls', ...PURE],
  'lib/telemetry': ['lib/evidence', 'lib/calls', 'lib/trace', 'lib/common'],
  'lib/page': ['lib/evidence'],
  'lib/evidence': ['lib/trace', 'lib/sdp', 'lib/common'],
  'lib/calls': [...PROTOCOLS, ...PURE],
  'lib/sip': ['lib/trace', 'lib/stun', 'lib/common'],
  'lib/sdp': ['lib/audio', 'lib/common'],
  'lib/media': ['lib/stun', ...PURE],
  'lib/trace': ['lib/common'],
  'lib/stun': ['lib/common'],
  'lib/dtmf': ['lib/audio', 'lib/common'],
  'lib/audio': ['lib/common'],
  'lib/common': [],
};

/** Layers that only compute: all their input is given to them. */
const WITHOUT_IO = ['lib/evidence', 'lib/sdp', ...PURE];
const IO = /^(node:)?(fs|dgram|tls|https?|http2|dns|child_process|worker_threads|cluster)(\/|$)/;

/** Folders with one way in from outside, beside the layers. */
const ROOMS = { 'lib/sip/core-adapter': 'lib/sip/endpoint/parts.ts' };

/** Packages that only some folders may know. */
const PACKAGES = [
  { name: /^(@node-red\/|node-red($|\/))/, allowed: ['nodes', 'plugins'], why: 'lib never imports Node-RED' },
  { name: /^sip\.js($|\/)/, allowed: ['lib/sip/core-adapter'], why: 'the SIP core stays behind its adapter' },
];

/** Why `file` may not import `specifier`; undefined when it may. Paths are relative to the root, with slashes. */
export function importFault(file, specifier) {
  const from = layerOf(file);
  if (!(from in LAYERS)) return undefined;
  if (!specifier.startsWith('.')) return packageFault(file, from, specifier);
  const target = relative('/', resolve('/', dirname(file), specifier))
    .split(sep)
    .join('/');
  const room = Object.keys(ROOMS).find((path) => isIn(target, path) && !isIn(file, path));
  if (room && file !== ROOMS[room]) return `${room} is imported by ${ROOMS[room]} only.`;
  const to = layerOf(target);
  if (to === from || specifier.endsWith('.json')) return undefined;
  if (!LAYERS[from].includes(to)) {
    return `${from} may not import ${to}, only ${LAYERS[from].join(', ') || 'itself'}.`;
  }
  return target === to || target === `${to}/index` ? undefined : `Import ${to} through its index.ts.`;
}

function packageFault(file, layer, name) {
  const reserved = PACKAGES.find((entry) => entry.name.test(name));
  if (reserved && !reserved.allowed.some((folder) => isIn(file, folder))) return `${reserved.why}.`;
  if (WITHOUT_IO.includes(layer) && IO.test(name)) return `${layer} does no I/O.`;
  return undefined;
}

/** `lib/sip` for what lies in it, `lib` for `lib/index.ts`, else the first folder. */
function layerOf(path) {
  const [first, second = ''] = path.split('/');
  if (first !== 'lib') return first;
  return second === '' || second.startsWith('index') ? 'lib' : `lib/${second}`;
}

function isIn(path, folder) {
  return path === folder || path.startsWith(`${folder}/`);
}

/** An ESLint plugin with one rule, `layers/imports`. */
export const layers = {
  rules: {
    imports: {
      meta: { type: 'problem', schema: [] },
      create(context) {
        const file = relative(root, context.filename).split(sep).join('/');
        const check = ({ source }) => {
          if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
          const fault = importFault(file, source.value);
          if (fault) context.report({ node: source, message: fault });
        };
        return {
          ImportDeclaration: check,
          ExportNamedDeclaration: check,
          ExportAllDeclaration: check,
          ImportExpression: check,
        };
      },
    },
  },
};
