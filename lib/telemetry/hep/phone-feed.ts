import { isIPv6 } from 'node:net';
import type { CallRtcp, Phone, WireMessage } from '../../calls';
import { maskSecretsEvenly } from '../../common';
import { rtcpJson } from '../../evidence';
import { HepEncoder, type HepEvent } from './packet';
import type { HepSink } from './sink';

/** Sends the SIP of a phone and the RTCP of its calls to a collector, until the returned function is called. */
export function feedPhone(phone: Phone, sink: HepSink): () => void {
  const encoder = new HepEncoder(phone.options.name);
  const send = (event: HepEvent): void => {
    const packet = encoder.encode(event);
    if (packet) sink.send(packet);
    else sink.drop();
  };
  const stops = [
    phone.on('wireMessage', (message) => {
      if (sink.ready()) send(sipEvent(message));
      else sink.drop();
    }),
    phone.on('rtcp', (packet) => {
      const json = rtcpJson(packet.bytes);
      if (json === undefined) return;
      if (sink.ready()) send(rtcpEvent(packet, json));
      else sink.drop();
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Every message stays as long as it says: readers take it apart by its Content-Length. */
function sipEvent({ bytes, ...facts }: WireMessage): HepEvent {
  return { ...facts, kind: 'sip', payload: maskSecretsEvenly(bytes) };
}

function rtcpEvent({ atMs, direction, local, remote, callId }: CallRtcp, json: string): HepEvent {
  return {
    kind: 'rtcp',
    atMs,
    direction,
    transport: 'udp',
    local: textOf(local),
    remote: textOf(remote),
    callId,
    payload: Buffer.from(json),
  };
}

function textOf({ address, port }: { address: string; port: number }): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
