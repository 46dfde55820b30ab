// Unpacks the peers that no package of a stable Debian has, into a folder outside of the checkout. Nothing is
// installed and the system's own package lists stay as they are; a package brings its libraries and their loader.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ATTEMPTS = 3;
const PAUSE_MS = 15_000;
const SUITE = 'forky';
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** By folder; each is there when its `proof` is. */
const PEERS = {
  asterisk: {
    packages: ['asterisk', 'asterisk-core-sounds-en-wav', 'asterisk-moh-opsound-wav'],
    proof: 'usr/sbin/asterisk',
  },
  sipp: { packages: ['sip-tester'], proof: 'usr/bin/sipp' },
};

/** Packages that only an installation would need. */
const LEFT_OUT = /^(?:bash|coreutils|dahdi|dbus|dpkg|mount|passwd|perl|systemd|tar|udev|util-linux)[-_]/;

/** Where the peers are kept: SIPFLOW_PEERS_DIR, or the user's cache. */
export const peersDir = process.env.SIPFLOW_PEERS_DIR || join(homedir(), '.cache', 'sipflow-peers');

/** Unpacks what is missing. Throws, with what apt-get said as the cause, when a package cannot be had. */
export async function fetchPeers() {
  for (const [name, { packages, proof }] of Object.entries(PEERS)) {
    if (existsSync(join(peersDir, name, 'root', proof))) continue;
    console.log(`Unpacking ${name} into ${join(peersDir, name)} …`);
    await fetchPatiently(name, packages);
  }
}

/** A mirror may be busy, or in the middle of an update, where lists and packages do not fit for a while. */
async function fetchPatiently(name, packages) {
  for (let attempt = 1; ; attempt++) {
    try {
      return fetch(name, packages);
    } catch (error) {
      if (attempt === ATTEMPTS) {
        throw new Error(`${name} could not be had from ${mirror()} in ${ATTEMPTS} tries.`, { cause: error });
      }
      console.log(`Try ${attempt} of ${ATTEMPTS}: ${error.message}`);
      await delay(attempt * PAUSE_MS);
    }
  }
}

function fetch(name, packages) {
  const target = join(peersDir, name);
  const work = `${target}.part`;
  rmSync(work, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'archives/partial', 'none', 'root']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  writeFileSync(join(work, 'status'), '');
  writeFileSync(join(work, 'sources.list'), `deb [signed-by=${KEYS}] ${mirror()} ${SUITE} main\n`);
  const options = aptOptions(work);
  run('apt-get', [...options, '-qq', 'update']);
  run('apt-get', [...options, '-qq', '--yes', '--download-only', 'install', ...packages]);
  const archives = join(work, 'archives');
  const files = readdirSync(archives).filter((file) => file.endsWith('.deb') && !LEFT_OUT.test(file));
  for (const file of files) run('dpkg-deb', ['--extract', join(archives, file), join(work, 'root')]);
  for (const folder of ['doc', 'man', 'locale']) {
    rmSync(join(work, 'root/usr/share', folder), { recursive: true, force: true });
  }
  nameEnglishSounds(join(work, 'root/usr/share/asterisk/sounds'));
  for (const file of ['lists', 'archives', 'none', 'status', 'sources.list']) {
    rmSync(join(work, file), { recursive: true, force: true });
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(work, target);
}

/** Makes apt-get live in a folder of its own, with one source, as if nothing were installed. */
function aptOptions(work) {
  const settings = {
    'Dir::State': work,
    'Dir::State::lists': join(work, 'lists'),
    'Dir::State::status': join(work, 'status'),
    'Dir::Cache': work,
    'Dir::Cache::archives': join(work, 'archives'),
    'Dir::Etc::sourcelist': join(work, 'sources.list'),
    'Dir::Etc::sourceparts': join(work, 'none'),
    'Dir::Etc::preferences': join(work, 'none/preferences'),
    'Dir::Etc::preferencesparts': join(work, 'none'),
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '5',
    'Debug::NoLocking': 'true',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** The mirror that this system uses for its own packages. */
function mirror() {
  if (process.env.DEBIAN_MIRROR) return process.env.DEBIAN_MIRROR;
  const { stdout } = spawnSync('apt-get', ['indextargets', '--format', '$(REPO_URI)'], { encoding: 'utf8' });
  const found = (stdout ?? '').split('\n').find((uri) => uri !== '' && !uri.includes('security'));
  return found ?? 'http://deb.debian.org/debian';
}

/** What the package's installation would do: English is one of its voices. */
function nameEnglishSounds(sounds) {
  const [voice] = existsSync(sounds) ? readdirSync(sounds).filter((name) => name.startsWith('en_')) : [];
  if (voice && !existsSync(join(sounds, 'en'))) symlinkSync(voice, join(sounds, 'en'));
}

function run(file, args) {
  const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${file} ${args.at(-1)} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
