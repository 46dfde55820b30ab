/**
 * STUN binding (RFC 8489) on sockets that exist already, of SIP and of RTP: codec, client, monitor of our public
 * address.
 */
export { AddressMonitor, type AddressMonitorOptions } from './address-monitor';
export { answerBindingRequest, encodeBindingIndication } from './binding';
export { BindingClient, type BindingClientOptions, type BindingResult } from './binding-client';
export { kindOfDatagram, LAST_STUN_BYTE, type DatagramKind } from './demultiplex';
export type { MappedAddress } from './mapped-address';
export { nameOfServer, parseStunServer, type StunServer } from './server';
