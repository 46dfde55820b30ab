import { isIPv6 } from 'node:net';
import type { RtcpPacket } from '../../media';
import type { MessageRecord } from '../../trace';
import type { CallRtcp, WireMessage } from '../types';

/** How listeners of a phone see what is on the wire: with the address that leads to the peer instead of a wildcard. */
export class WireView {
  #seen = { local: '', remote: '', text: '' };

  /** @param ownAddress the address of this machine that leads to a peer */
  constructor(private readonly ownAddress: (peer: string) => string) {}

  message(record: MessageRecord, callId: string): WireMessage {
    const { atMs, direction, transport, remote, bytes } = record;
    return { atMs, direction, transport, local: this.#local(record), remote, bytes, callId };
  }

  rtcp(packet: RtcpPacket, callId: string): CallRtcp {
    const { local, remote } = packet;
    const address = isWildcard(local.address) ? this.ownAddress(remote.address) : local.address;
    return { ...packet, callId, local: { address, port: local.port } };
  }

  /** Messages of one peer come in a row, so the text of the latest one is used again. */
  #local({ local, remote }: MessageRecord): string {
    const { host, port } = partsOf(local);
    if (!isWildcard(host)) return local;
    const seen = this.#seen;
    if (seen.local === local && seen.remote === remote) return seen.text;
    const own = this.ownAddress(partsOf(remote).host);
    const text = `${isIPv6(own) ? `[${own}]` : own}:${port}`;
    this.#seen = { local, remote, text };
    return text;
  }
}

/** `address:port` in its parts, IPv6 without its brackets. */
function partsOf(text: string): { host: string; port: string } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: text.slice(colon + 1) };
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
