import type { NodeAPI } from 'node-red';
import { localised, type PhoneNode } from '../../../nodes';
import type { PhoneState, PhoneOptions } from '../../../lib/calls';
import { phoneNodes } from './phone-nodes';
import type { Routes } from './routes';

/** A phone as the sidebar shows it. */
export interface PhoneRow {
  id: string;
  name: string;
  number: string;
  mode: PhoneOptions['mode'];
  transport: string;
  state: PhoneState;
  /** Why it did not start. */
  fault?: string;
  /** `address:port`, IPv6 in brackets, while it is ready. */
  address?: string;
  calls: number;
  maxCalls: number;
  registration?: RegistrationRow;
  rtp?: { free: number; all: number };
}

export interface RegistrationRow {
  state: string;
  registrar: string;
  /** Milliseconds from now until it is renewed or tried again. */
  nextInMs?: number;
  fault?: string;
}

/** Phones with their registrations, calls and ports. */
export function servePhones(RED: NodeAPI, routes: Routes): void {
  /** Why phones did not start; a phone only has a promise that tells. */
  const faults = new WeakMap<PhoneNode, string>();
  const asked = new WeakSet<PhoneNode>();
  routes.read('phones', async () => {
    const phones = phoneNodes(RED);
    for (const phone of phones) {
      if (asked.has(phone)) continue;
      asked.add(phone);
      phone.started.catch((error: unknown) => faults.set(phone, localised(error).message));
    }
    // The promises of phones that have failed settle in this turn.
    await Promise.resolve();
    return { now: Date.now(), phones: phones.map((phone) => rowOf(phone, faults.get(phone))) };
  });
}

function rowOf(phone: PhoneNode, fault: string | undefined): PhoneRow {
  const { id, name = '', engine } = phone;
  if (!engine) {
    const unknown = { number: '', mode: 'simulation' as const, transport: '', calls: 0, maxCalls: 0 };
    return { id, name, ...unknown, state: 'failed', ...(fault === undefined ? {} : { fault }) };
  }
  const { number, mode, transport, maxCalls } = engine.options;
  const registration = registrationOf(engine);
  return {
    id,
    name,
    number,
    mode,
    transport,
    state: engine.state,
    calls: engine.callCount,
    maxCalls,
    rtp: engine.rtpPairs,
    ...(engine.address ? { address: placeOf(engine.address) } : {}),
    ...(registration ? { registration } : {}),
    ...(fault === undefined || engine.state !== 'failed' ? {} : { fault }),
  };
}

function registrationOf({
  registration,
  options,
}: NonNullable<PhoneNode['engine']>): RegistrationRow | undefined {
  if (!registration || options.registrar === undefined) return undefined;
  const { state, nextInMs, error } = registration;
  return {
    state,
    registrar: options.registrar,
    ...(nextInMs === undefined ? {} : { nextInMs }),
    ...(error ? { fault: localised(error).message } : {}),
  };
}

function placeOf({ address, port }: { address: string; port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
