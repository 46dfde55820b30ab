import { tmpdir } from 'node:os';
import {
  createInstance,
  createNullMediaEngine,
  type Call,
  type Instance,
  type InstanceOptions,
} from '../../lib/calls';

/** A phone on the network for signalling only; `overrides` say what is special about it. */
export function signallingPhone(dn: string, overrides: Partial<InstanceOptions> = {}): Instance {
  return createInstance(phoneOptions(dn, overrides), { engine: createNullMediaEngine() });
}

export function phoneOptions(dn: string, overrides: Partial<InstanceOptions> = {}): InstanceOptions {
  return {
    id: `node-${dn}`,
    name: dn,
    dn,
    mode: 'network',
    transport: 'udp',
    bindAddress: '127.0.0.1',
    port: 0,
    codecs: ['PCMU', 'PCMA'],
    pcmuFallback: true,
    ptime: 20,
    dtmfMethod: 'auto',
    rtpPortMin: 10_000,
    rtpPortMax: 29_999,
    maxCalls: 5_000,
    mediaTimeout: 5,
    audioDir: tmpdir(),
    recordingsDir: tmpdir(),
    ...overrides,
  };
}

/** Hands every incoming call to `onCall`. */
export function onEveryCall(instance: Instance, onCall: (call: Call) => void): void {
  instance.addIncomingHandler({
    match: '',
    ring: true,
    noAnswerTimeout: 30,
    noAnswerStatus: 480,
    onCall: (call) => onCall(call),
  });
}

/** `sip:dn@host:port` of a started phone. */
export function uriOf(instance: Instance, host?: string): string {
  const { address, port } = instance.address as { address: string; port: number };
  return `sip:${instance.options.dn}@${host ?? address}:${port}`;
}
