import { framesOf } from './framing';
import { itemsOf, type PcapCall } from './items';
import { itemOf, joined } from './merge';
import { readPcap, writePcap } from './pcap-file';

export { readPcap, type Frame as PcapFrame } from './pcap-file';
export type { PcapCall, PcapPacket } from './items';
export type { PcapMessage } from './sip-bytes';

/**
 * Calls as a file for Wireshark, tshark and sngrep: their SIP as it was before encryption, and the packets of their audio
 * as far as they were captured. SIP over connections, also over TLS and WebSocket, is TCP. What several of the calls
 * have seen is there once.
 */
export function pcapOf(calls: readonly PcapCall[]): Uint8Array<ArrayBuffer> {
  return writePcap(framesOf(joined(calls.map(itemsOf))));
}

/** One file of several that `pcapOf` has made, as if it had made one of all their calls. Never throws. */
export function mergePcaps(files: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const lists = files.map((file) => readPcap(file).flatMap((frame) => itemOf(frame) ?? []));
  return writePcap(framesOf(joined(lists)));
}
