import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Koffi from 'koffi';
import { Descriptors } from '../../../lib/media/descriptors';
import {
  chosenDatagrams,
  here,
  KOFFI_VERSION,
  loadNative,
  NativeDatagrams,
  type Surroundings,
} from '../../../lib/media/native-datagrams';
import { nativeWorksHere } from '../../support/native-driver';

const fails = (message: string) => (): never => {
  throw new Error(message);
};

/** What is said when the driver is wanted in some surroundings; nothing when it is taken. */
async function saidIn(changes: Partial<Surroundings>, name = 'native'): Promise<string[]> {
  const said: string[] = [];
  const koffi = { load: () => ({ func: () => () => 0 }) } as unknown as typeof Koffi;
  const loaded = await loadNative(name, {
    platform: 'linux',
    arch: 'x64',
    find: () => '/somewhere/koffi',
    probe: async () => `${KOFFI_VERSION} works`,
    load: () => koffi,
    warn: (sentence) => said.push(sentence),
    ...changes,
  });
  assert.equal(loaded === undefined, said.length > 0);
  return said;
}

describe('the choice of a driver for datagrams', () => {
  it('is node:dgram unless asked, without a look at anything', async () => {
    assert.equal(await chosenDatagrams('dgram'), undefined);
  });

  (nativeWorksHere ? it : it.skip)('takes the native one on this machine', async () => {
    assert.ok((await chosenDatagrams('native')) instanceof NativeDatagrams);
  });

  it('takes the native one where koffi loads', async () => {
    assert.deepEqual(await saidIn({}), []);
    assert.deepEqual(await saidIn({ arch: 'arm64' }), []);
  });

  it('otherwise says why not, in one sentence that tells what to do', async () => {
    const install = `npm install koffi@${KOFFI_VERSION}`;
    const cases: [Partial<Surroundings>, ...string[]][] = [
      [{ find: fails('Cannot find module') }, 'not installed', install],
      [{ probe: async () => '2.9.0' }, `needs koffi ${KOFFI_VERSION}`, '"2.9.0"', install],
      [{ probe: async () => fails('a trial ended with SIGABRT')() }, 'does not work', 'SIGABRT'],
      [{ probe: async () => KOFFI_VERSION }, 'did not arrive'],
      [{ load: fails('wrong ELF class\nwith details') }, 'does not work', 'wrong ELF class'],
      [{ platform: 'win32' }, 'for Linux', 'win32'],
      [{ arch: 'arm' }, 'arm'],
    ];
    for (const [surroundings, ...parts] of cases) {
      const said = await saidIn(surroundings);
      assert.equal(said.length, 1);
      assert.ok(!said[0].includes('\n'));
      for (const part of ['RTP goes by dgram', ...parts]) assert.ok(said[0].includes(part), said[0]);
    }
    assert.match(
      (await saidIn({}, 'io_uring\u001b[2J'))[0],
      /"dgram" or "native", not "io_uring\\u001b\[2J"/,
    );
  });

  it('tries koffi in a process of its own, which may end by it, and runs no other version', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-koffi-'));
    const ran = join(folder, 'ran');
    /** What is said of a package that looks like koffi. */
    const said = async (version: string, code: string): Promise<string[]> => {
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'koffi', version }));
      writeFileSync(join(folder, 'index.js'), code);
      return saidIn({ probe: (path) => here.probe(path), find: () => join(folder, 'index.js') });
    };
    try {
      const aborted = await said(KOFFI_VERSION, 'process.abort();');
      const musl = await said(KOFFI_VERSION, "throw new Error('Error loading shared library ld-linux.so');");
      const other = await said('2.9.0', `require('fs').writeFileSync(${JSON.stringify(ran)}, '');`);
      assert.match(aborted[0], /does not work on this machine \(a trial ended with SIGABRT/);
      assert.match(musl[0], /a trial ended with code 1: Error loading shared library/);
      assert.match(other[0], /needs koffi .*"2\.9\.0" is installed/);
      assert.equal(existsSync(ran), false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('asks for the version that package.json names', () => {
    const { peerDependencies, peerDependenciesMeta, devDependencies } = JSON.parse(
      readFileSync(join(__dirname, '../../../package.json'), 'utf8'),
    ) as Record<string, Record<string, unknown>>;
    assert.equal(peerDependencies.koffi, KOFFI_VERSION);
    assert.equal(devDependencies.koffi, KOFFI_VERSION);
    assert.deepEqual(peerDependenciesMeta.koffi, { optional: true });
  });

  it('closes what a worker has left, once, and nothing that it has closed itself', () => {
    const closed: number[] = [];
    const native = new NativeDatagrams({
      close: (descriptor) => closed.push(descriptor),
      replace: () => undefined,
    });
    const memory = native.hire();
    const worker = new Descriptors(memory);
    const cells = [20, 0, 22].map((descriptor) => worker.enter(descriptor));
    worker.forget(cells[0]);
    assert.equal(worker.enter(25), cells[0]);
    worker.forget(cells[2]);
    native.retire(memory);
    native.retire(memory);
    assert.deepEqual(closed, [25, 0]);
  });

  it('takes over what a worker has that is ending, which the worker then leaves to it', () => {
    const calls: string[] = [];
    const native = new NativeDatagrams({
      close: (descriptor) => calls.push(`close ${descriptor}`),
      replace: (_by, descriptor) => calls.push(`replace ${descriptor}`),
    });
    const memory = native.hire();
    const worker = new Descriptors(memory);
    const [first, second] = [20, 21].map((descriptor) => worker.enter(descriptor));
    assert.equal(worker.forget(first), true);
    native.detach(memory);
    native.detach(memory);
    assert.equal(worker.forget(second), false);
    worker.enter(22);
    native.retire(memory);
    assert.deepEqual(calls, ['replace 21', 'close 22', 'close 21']);
  });

  it('has room for the descriptors of every port', () => {
    const worker = new Descriptors(Descriptors.memory());
    for (let count = 0; count < 65_536; count++) assert.equal(worker.enter(7), count);
    assert.equal(worker.enter(7), -1);
  });
});
