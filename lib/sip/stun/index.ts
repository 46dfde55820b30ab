/** STUN binding (RFC 8489) on sockets that exist already: codec, client, monitor of our public address. */
export { AddressMonitor, type AddressMonitorOptions } from './address-monitor';
export { answerBindingRequest } from './binding';
export { BindingClient, type BindingClientOptions, type BindingResult } from './binding-client';
export { kindOfDatagram, type DatagramKind } from './demultiplex';
export type { MappedAddress } from './mapped-address';
