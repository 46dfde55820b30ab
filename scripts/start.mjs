// Starts Node-RED with this package loaded: `npm start`. PORT and SIPFLOW_USER_DIR change where.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { prepare, root } from './prepare.mjs';

const HOST = '127.0.0.1';
/** Examples that are deployed for a new user; the first of them is open. */
const FIRST_EXAMPLES = ['00 - Hello, call.json', '01 - First call.json'];

const port = portFrom(process.env.PORT);
const userDir = resolve(root, process.env.SIPFLOW_USER_DIR || '.sipflow');
const url = `http://${HOST}:${port}`;

prepare();
await requireFreePort();
const ownPackage = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
setUpUserDir();
startNodeRed();
endWithNpm();

/** Node-RED runs in this process, so that one signal ends everything: its own handlers stop the flows first. */
function startNodeRed() {
  const require = createRequire(import.meta.url);
  const entry = join(root, 'node_modules', 'node-red', 'red.js');
  process.argv = [process.execPath, entry, '--userDir', userDir, '--port', String(port)];
  const RED = require('node-red');
  require(entry);
  RED.events.once('flows:started', () => void announce(require('node-red/package.json').version));
}

/**
 * npm hands a SIGTERM to a shell that does not pass it on, and this process would stay behind. So the end
 * of that shell counts as the signal.
 */
function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

/** Prints what runs and what to do next, once the editor answers. */
async function announce(nodeRedVersion) {
  while (!(await answers())) await new Promise((again) => setTimeout(again, 100));
  console.log(`
  ${ownPackage.name} ${ownPackage.version}
  Node-RED ${nodeRedVersion}, Node.js ${process.version}
  User directory ${userDir}

  Editor: ${url}
  Next, in the editor: press the button of "Start" in the tab "00 Hello, call".
  Then, in another terminal, let phone 1001 of the tab "01 First call" call phone 1002:

    curl -X POST ${url}/demo/call -H "Content-Type: application/json" -d "{}"

  More examples: in the editor's menu, Import, Examples, ${ownPackage.name}
  Ctrl-C ends every call and stops.
`);
}

async function answers() {
  try {
    return (await fetch(`${url}/settings`)).ok;
  } catch {
    return false;
  }
}

/** A user directory of its own: settings, this package linked in, and the first examples when there is no flow. */
function setUpUserDir() {
  mkdirSync(userDir, { recursive: true });
  const settings = join(userDir, 'settings.js');
  const flows = join(userDir, 'flows.json');
  if (!existsSync(settings)) writeFileSync(settings, settingsText());
  if (!existsSync(flows)) writeFileSync(flows, JSON.stringify(firstFlows(), null, 2));
  linkPackage(join(userDir, 'node_modules', ownPackage.name));
}

function firstFlows() {
  return FIRST_EXAMPLES.flatMap((file) => JSON.parse(readFileSync(join(root, 'examples', file), 'utf8')));
}

function linkPackage(link) {
  const found = lstatSync(link, { throwIfNoEntry: false });
  if (found && !found.isSymbolicLink()) return;
  if (found && existsSync(link) && realpathSync(link) === realpathSync(root)) return;
  if (found) rmSync(link);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(root, link, 'junction');
}

function settingsText() {
  return `// Settings of the Node-RED that \`npm start\` runs. Yours to change: this file is written only once.
module.exports = {
  flowFile: 'flows.json',
  flowFilePretty: true,
  uiHost: '${HOST}',
  // Encrypts the passwords of phones in flows_cred.json.
  credentialSecret: '${randomBytes(24).toString('hex')}',
  diagnostics: { enabled: true, ui: true },
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
`;
}

function portFrom(value) {
  if (value === undefined || value === '') return 1880;
  const number = Number(value);
  if (Number.isInteger(number) && number > 0 && number < 65536) return number;
  return stop(`PORT must be a number from 1 to 65535; it is "${value}".`);
}

/** Node-RED would say it less clearly, and only after it had started everything else. */
function requireFreePort() {
  return new Promise((free) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${error.code})`;
      stop(`Port ${port} ${why}. Stop what uses it, or choose another: PORT=${port + 1} npm start`);
    });
    probe.listen(port, HOST, () => probe.close(free));
  });
}

function stop(sentence) {
  console.error(`\n${sentence}`);
  process.exit(1);
}
