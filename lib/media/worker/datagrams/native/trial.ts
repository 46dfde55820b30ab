import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type * as Koffi from 'koffi';
import { Descriptors } from '../../../descriptors';
import type { DatagramSocket } from '../driver';
import { loadLibc } from './libc';
import { NativeDriver } from './native-driver';

/** Ports that are tried: any that is free will do. */
const FIRST_PORT = 20_000;
const LAST_PORT = 60_000;
const ATTEMPTS = 50;
const HOST = '127.0.0.1';

/**
 * Tries the native driver in a process of its own, which may end by it: a datagram goes from one socket of 127.0.0.1 to
 * another through everything that a worker uses. Prints koffi's version, alone when it is not the one that is wanted, else
 * with `works` behind it.
 *
 * @param path of koffi
 * @throws whatever keeps a datagram from arriving
 */
export async function tryNativeDriver(path: string, wanted: string): Promise<void> {
  const version = versionOf(path);
  process.stdout.write(version);
  if (version !== wanted) return;
  const koffi = createRequire(__filename)(path) as typeof Koffi;
  const driver = new NativeDriver(loadLibc(koffi), new Descriptors(Descriptors.memory()));
  const [one, other] = [await bindAny(driver), await bindAny(driver)];
  await Promise.all([carried(one, other, 172), carried(other, one, 2049)]);
  await Promise.all([one.socket.close(), other.socket.close()]);
  driver.stop();
  process.stdout.write(' works');
}

/** What the package says of itself: code of another version is not run. */
function versionOf(path: string): string {
  for (let folder = dirname(path); dirname(folder) !== folder; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (name === 'koffi') return String(version);
    } catch {
      // The next folder up.
    }
  }
  return 'unknown';
}

interface Bound {
  socket: DatagramSocket;
  port: number;
}

async function bindAny(driver: NativeDriver): Promise<Bound> {
  for (let attempt = 1; ; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    try {
      return { socket: await driver.bind(HOST, port), port };
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/** Resolves when a datagram of so many bytes has come as it was sent. The parent ends a wait that lasts too long. */
function carried(from: Bound, to: Bound, length: number): Promise<void> {
  const sent = new Uint8Array(length).map((_, index) => index * 7);
  return new Promise((resolve, reject) => {
    to.socket.receive((packet, address, port) => {
      if (packet.equals(sent) && address === HOST && port === from.port) resolve();
      else reject(new Error(`${packet.length} bytes of ${address}:${port} are not those that were sent`));
    });
    from.socket.send(sent, length, to.port, HOST);
  });
}
