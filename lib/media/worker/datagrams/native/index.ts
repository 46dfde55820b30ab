import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { Descriptors } from '../../../descriptors';
import type { DatagramDriver } from '../driver';
import { loadLibc } from './libc';
import { NativeDriver } from './native-driver';

export { tryNativeDriver } from './trial';

/**
 * Makes the native driver. Whether it works here was found out before, see `lib/media/native-datagrams.ts`.
 *
 * @param memory for `Descriptors`, shared with the thread that outlives this one
 * @param onLost is told of each packet that the system did not take
 */
export function createNativeDriver(memory: SharedArrayBuffer, onLost: () => void): DatagramDriver {
  const koffi = createRequire(__filename)('koffi') as typeof Koffi;
  return new NativeDriver(loadLibc(koffi), new Descriptors(memory), onLost);
}
