import { isAbsolute, join, resolve } from 'node:path';
import type { DtmfMethod, InstanceOptions } from '../../lib/calls';
import { DEFAULTS } from '../../lib/common/defaults';
import { SipflowError } from '../../lib/common/errors';
import { toCodecList } from '../shared/field-values';
import { kindOf, rejectUnresolvedEnv, toNumber } from '../shared/fields';
import type { SipNodeDef } from '../shared/flow-types';

const SRTP_POLICIES = ['off', 'optional', 'required'] as const;
const DTMF_METHODS: readonly DtmfMethod[] = ['auto', 'rfc4733', 'info', 'inband'];

/**
 * Turns the stored fields of a `sip-instance` into the engine's options. Blank fields get their
 * defaults; relative folders start at `userDir`; `password` comes from the node's credentials. Throws BAD_CONFIG naming the field.
 */
export function toInstanceOptions(config: SipNodeDef, userDir: string, password?: string): InstanceOptions {
  const text = (field: string): string => toText(field, config[field]);
  const number = (field: string, fallback: number, min: number, max: number): number => {
    rejectUnresolvedEnv(field, config[field]);
    return toNumber(field, config[field], { fallback, min, max });
  };

  const mode = oneOf('mode', text('mode') || 'simulation', ['simulation', 'network'] as const);
  const simulated = mode === 'simulation';
  const dn = text('dn');
  if (dn === '') {
    throw new SipflowError(
      'BAD_CONFIG',
      'The SIP instance needs a number (the user part of its address), such as 1001.',
    );
  }
  return {
    id: config.id,
    name: config.name || dn,
    dn,
    displayName: text('displayName') || undefined,
    mode,
    transport: oneOf('transport', text('transport') || 'udp', ['udp'] as const),
    bindAddress: simulated ? '127.0.0.1' : text('bindAddress') || '0.0.0.0',
    port: simulated ? 0 : number('port', 5060, 0, 65535),
    advertisedAddress: simulated ? undefined : text('advertisedAddress') || undefined,
    domain: simulated ? undefined : text('domain') || undefined,
    outboundProxy: simulated ? undefined : text('outboundProxy') || undefined,
    authUser: simulated ? undefined : text('authUser') || undefined,
    password: simulated ? undefined : secret(password),
    srtp: oneOf('srtp', text('srtp') || DEFAULTS.srtp, SRTP_POLICIES),
    codecs: codecList(config.codecs),
    pcmuFallback: config.pcmuFallback === undefined ? DEFAULTS.pcmuFallback : config.pcmuFallback === true,
    ptime: number('ptime', DEFAULTS.ptime, 10, 60),
    dtmfMethod: oneOf('dtmfMethod', text('dtmfMethod') || DEFAULTS.dtmfMethod, DTMF_METHODS),
    rtpPortMin: number('rtpPortMin', DEFAULTS.rtpPortMin, 1024, 65534),
    rtpPortMax: number('rtpPortMax', DEFAULTS.rtpPortMax, 1025, 65535),
    maxCalls: number('maxCalls', DEFAULTS.maxCalls, 1, 10000),
    mediaTimeout: number('mediaTimeout', DEFAULTS.mediaTimeout, 0.1, 60),
    audioDir: folder(text('audioDir'), userDir, '.'),
    recordingsDir: folder(text('recordingsDir'), userDir, 'sip-recordings'),
  };
}

function codecList(stored: unknown): string[] {
  if (Array.isArray(stored)) stored.forEach((item) => rejectUnresolvedEnv('codecs', item));
  else rejectUnresolvedEnv('codecs', stored);
  // A variable may hold the whole list ("PCMA, PCMU"), so each row is itself read as a list.
  const flat = Array.isArray(stored) ? stored.join(',') : stored;
  return toCodecList('codecs', flat ?? '') ?? [...DEFAULTS.codecs];
}

function folder(stored: string, userDir: string, fallback: string): string {
  const path = stored || fallback;
  return isAbsolute(path) ? resolve(path) : join(userDir, path);
}

/** A password is taken as it is: spaces at its ends may be meant. */
function secret(password: string | undefined): string | undefined {
  rejectUnresolvedEnv('password', password);
  return password || undefined;
}

function toText(field: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  rejectUnresolvedEnv(field, value);
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(value);
  throw new SipflowError('BAD_CONFIG', `The field "${field}" must be text; it is ${kindOf(value)}.`);
}

function oneOf<T extends string>(field: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((item) => item === value);
  if (found) return found;
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "${field}" must be one of ${allowed.join(', ')}; it is ${kindOf(value)}.`,
  );
}
