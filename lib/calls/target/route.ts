import { isIP } from 'node:net';
import type { PhoneOptions } from '../types';
import type { SimulatedPhone, SimulationDirectory } from './directory';
import { resolveTarget } from './target';

/** Where an INVITE for a target goes. */
export interface CallRoute {
  /** Request-URI. */
  uri: string;
  /** The simulated phone, when the target is the number of one. */
  phone?: SimulatedPhone;
  /** The number of which no simulated phone is known. */
  unknown?: string;
}

/** Reads a target field, and finds the simulated phone that it means in simulation mode. BAD_TARGET, BAD_CONFIG. */
export function routeTo(
  target: string,
  { mode, domain }: PhoneOptions,
  directory: SimulationDirectory,
): CallRoute {
  const resolved = resolveTarget(target, { mode, domain });
  if (resolved.kind === 'network') return { uri: resolved.uri };
  const { dn } = resolved;
  const phone = directory.lookup(dn);
  if (!phone) return { uri: `sip:${dn}@simulation.invalid`, unknown: dn };
  return { uri: `sip:${dn}@${hostPort(phone.address.address, phone.address.port)}`, phone };
}

/** `host:port` as URIs have it. */
function hostPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
