import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { Descriptors } from './descriptors';
import { programOf } from './program';

/** Ways for the datagrams of a media worker: `node:dgram`, or calls of the C library through the package koffi. */
export type DatagramsName = 'dgram' | 'native';

/** The one version of koffi that the native driver was tested with. package.json asks for the same. */
export const KOFFI_VERSION = '3.3.4';
/** The driver writes the system's structures itself; these are the architectures whose layout it knows. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64'];
/** A library that does not fit ends the process that loads it, so another one tries all that a worker does with it. */
const TRIAL = 'worker/main';
const TRIAL_PATIENCE_MS = 10_000;

/** A replaced descriptor is not left to the programs that the process starts. */
const O_CLOEXEC = 0o2000000;

/** Calls of the C library on descriptors. */
export interface DescriptorCalls {
  close(descriptor: number): unknown;
  /** Closes `descriptor` and makes it another one of what `by` is open for, in one step. */
  replace(by: number, descriptor: number, flags: number): unknown;
}

/** The native driver as the main thread knows it: it lends workers the memory for their descriptors. */
export class NativeDatagrams {
  constructor(private readonly descriptors: DescriptorCalls) {}

  /** Memory for a worker that starts. */
  hire(): SharedArrayBuffer {
    return Descriptors.memory();
  }

  /**
   * The worker is ending: its ports are free when this returns. That it is gone shows much later when it had many sessions
   * and the machine is busy. Until then the numbers stay taken, by what does nothing, because it may still use them.
   */
  detach(memory: SharedArrayBuffer): void {
    const claimed = new Descriptors(memory).claim();
    if (claimed.length === 0) return;
    const nothing = openSync('/dev/null', 'r');
    for (const descriptor of claimed) this.descriptors.replace(nothing, descriptor, O_CLOEXEC);
    closeSync(nothing);
  }

  /** The worker is gone; what it has left open is closed. */
  retire(memory: SharedArrayBuffer): void {
    for (const descriptor of new Descriptors(memory).takeLeft()) this.descriptors.close(descriptor);
  }
}

/** What the choice depends on; tests put other machines here. */
export interface Surroundings {
  platform: string;
  arch: string;
  /** Path of koffi. @throws when it is not installed */
  find(): string;
  /** What a process of its own says of koffi: its version, and whether the driver works. Rejects when the process fails. */
  probe(path: string): Promise<string>;
  load(path: string): typeof Koffi;
  warn(sentence: string): void;
}

/** This machine. */
export const here: Surroundings = {
  platform: process.platform,
  arch: process.arch,
  find: () => createRequire(__filename).resolve('koffi'),
  probe: (path) =>
    new Promise((resolve, reject) => {
      const options = { timeout: TRIAL_PATIENCE_MS, env: { ...process.env, NODE_OPTIONS: '' } };
      const { path: program, execArgv } = programOf(TRIAL);
      const args = [...execArgv, program, path, KOFFI_VERSION];
      execFile(process.execPath, args, options, (error, stdout, stderr) => {
        const end = error?.signal ?? `code ${error?.code}`;
        const why = firstLine(stderr.trim());
        if (error) reject(new Error(`a trial ended with ${end}${why && `: ${why}`}`, { cause: error }));
        else resolve(stdout);
      });
    }),
  load: (path) => createRequire(__filename)(path) as typeof Koffi,
  warn: (sentence) => process.emitWarning(sentence, { type: 'SipflowDatagrams' }),
};

let native: Promise<NativeDatagrams | undefined> | undefined;

/**
 * The native driver where it is wanted and works; undefined for `node:dgram`. That it was wanted in vain is said once in
 * the process, in one sentence.
 *
 * @param wanted default: what the environment asks for by `SIPFLOW_DATAGRAMS`, else `dgram`
 */
export async function chosenDatagrams(wanted?: DatagramsName): Promise<NativeDatagrams | undefined> {
  const name = wanted ?? process.env.SIPFLOW_DATAGRAMS;
  if (name === undefined || name === '' || name === 'dgram') return undefined;
  native ??= loadNative(name);
  return native;
}

/** The same without memory of an earlier choice. @param name as the user wrote it */
export async function loadNative(
  name: string,
  surroundings: Surroundings = here,
): Promise<NativeDatagrams | undefined> {
  const { platform, arch } = surroundings;
  const refuse = (why: string): undefined => {
    surroundings.warn(`RTP goes by dgram: ${why}.`);
  };
  if (name !== 'native') {
    return refuse(`SIPFLOW_DATAGRAMS may be "dgram" or "native", not ${JSON.stringify(name)}`);
  }
  if (platform !== 'linux' || !ARCHITECTURES.includes(arch)) {
    return refuse(
      `the native driver is for Linux on ${ARCHITECTURES.join(' and ')}, and this is ${platform} on ${arch}`,
    );
  }
  const install = `run "npm install koffi@${KOFFI_VERSION}" where this package is installed, and restart`;
  let path: string;
  try {
    path = surroundings.find();
  } catch {
    return refuse(`the native driver needs the package koffi, which is not installed; ${install}`);
  }
  try {
    const [version, ...works] = (await surroundings.probe(path)).split(' ');
    if (version !== KOFFI_VERSION) {
      return refuse(
        `the native driver needs koffi ${KOFFI_VERSION}, and ${JSON.stringify(version)} is installed; ${install}`,
      );
    }
    if (works.join() !== 'works') return refuse('a datagram of the native driver did not arrive in a trial');
    // Loaded in this thread too, it stays loaded when a worker ends.
    const library = surroundings.load(path).load(null);
    return new NativeDatagrams({
      close: library.func('close', 'int', ['int']),
      replace: library.func('dup3', 'int', ['int', 'int', 'int']),
    });
  } catch (error) {
    return refuse(`koffi does not work on this machine (${firstLine(error)})`);
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0];
}
