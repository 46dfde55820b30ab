import { createRequire } from 'node:module';
import { KOFFI_VERSION } from '../../lib/media/native-datagrams';

/** Whether the native driver for datagrams can be tested here. */
export const nativeWorksHere = process.platform === 'linux' && koffiIsThere();

function koffiIsThere(): boolean {
  try {
    return (createRequire(__filename)('koffi') as { version: string }).version === KOFFI_VERSION;
  } catch {
    return false;
  }
}
