export type { DatagramDriver, DatagramHandler, DatagramSocket } from './driver';
export { DgramDriver } from './dgram-driver';
export { createNativeDriver, tryNativeDriver } from './native';
