import { tmpdir } from 'node:os';
import {
  createNullMediaEngine,
  createWorld,
  type IncomingCall,
  type Phone,
  type PhoneOptions,
  type World,
  type WorldOptions,
} from '../../lib/calls';

/** A world for signalling only. */
export function signallingWorld(timers: WorldOptions['timers']): World {
  return createWorld({ timers, engine: createNullMediaEngine() });
}

export function phoneOptions(dn: string, overrides: Partial<PhoneOptions> = {}): PhoneOptions {
  return {
    id: `node-${dn}`,
    name: dn,
    number: dn,
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
export function onEveryCall(phone: Phone, onCall: (call: IncomingCall) => void): void {
  phone.onCall((call) => onCall(call));
}

/** `sip:dn@host:port` of a started phone. */
export function uriOf(phone: Phone, host?: string): string {
  const { address, port } = phone.address as { address: string; port: number };
  return `sip:${phone.options.number}@${host ?? address}:${port}`;
}
