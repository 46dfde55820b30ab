import { isAbsolute, join, resolve } from 'node:path';
import type { DtmfMethod, PhoneOptions, PhoneTls } from '../../lib/calls';
import { DEFAULTS, SipflowError } from '../../lib/common';
import { toCodecList, toHeaders, toSuiteList } from '../shared/field-values';
import { kindOf, rejectUnresolvedEnv, toNumber } from '../shared/fields';
import type { SipNodeDef } from '../shared/flow-types';

const SRTP_POLICIES = ['off', 'optional', 'required'] as const;
const TRANSPORTS = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;
const TRANSFER_POLICIES = ['trusted', 'auto', 'ask', 'reject'] as const;
const JITTER_BUFFERS = ['adaptive', 'fixed', 'off'] as const;
const CONCEALMENTS = ['pitch', 'repeat-fade', 'none'] as const;
const DTMF_METHODS: readonly DtmfMethod[] = ['auto', 'rfc4733', 'info', 'inband'];

type NetworkOptions = Pick<
  PhoneOptions,
  | 'bindAddress'
  | 'port'
  | 'listenTcp'
  | 'advertisedAddress'
  | 'stunServer'
  | 'domain'
  | 'registrar'
  | 'registerExpires'
  | 'outboundProxy'
  | 'acceptFrom'
  | 'sessionTimer'
  | 'reliableProvisional'
>;

/** What a `sip-instance` has beside its own fields. */
export interface Surroundings {
  /** Where relative folders start. */
  userDir: string;
  /** From the node's credentials. */
  password?: string | undefined;
  /** From the `tls-config` node that it names. */
  tls?: PhoneTls | undefined;
}

/**
 * Turns the stored fields of a `sip-instance` into the engine's options. Blank fields get their
 * defaults; fields that do not apply to the mode count as blank. Throws BAD_CONFIG naming the field.
 */
export function toPhoneOptions(config: SipNodeDef, around: Surroundings): PhoneOptions {
  const text = (field: string): string => toText(field, config[field]);
  const number = (field: string, fallback: number, min: number, max: number): number =>
    numberOf(config, field, fallback, min, max);

  const mode = oneOf('mode', text('mode') || 'simulation', ['simulation', 'network'] as const);
  const simulated = mode === 'simulation';
  const dn = text('dn');
  if (dn === '') {
    throw new SipflowError(
      'BAD_CONFIG',
      'The SIP phone needs a number (the user part of its address), such as 1001.',
    );
  }
  const transport = oneOf('transport', text('transport') || 'udp', TRANSPORTS);
  const encrypted = transport === 'tls' || transport === 'wss';
  const { userDir } = around;
  return {
    id: config.id,
    name: config.name || dn,
    number: dn,
    displayName: text('displayName') || undefined,
    mode,
    transport,
    tls: encrypted ? tlsOf(config, around.tls) : undefined,
    ...(simulated ? { bindAddress: '127.0.0.1', port: 0 } : networkOptions(config)),
    authUser: text('authUser') || undefined,
    password: secret(around.password),
    authenticateIncoming: config.authenticateIncoming === true,
    srtp: oneOf('srtp', text('srtp') || DEFAULTS.srtp, SRTP_POLICIES),
    srtpSuites: suiteList(config.srtpSuites),
    headers: headersOf(config.headers),
    allowedOrigins: textList('allowedOrigins', config.allowedOrigins),
    jitterBuffer: jitterBufferOf(config),
    concealment: oneOf('concealment', text('concealment') || 'pitch', CONCEALMENTS),
    statisticsInterval: statisticsIntervalOf(config),
    codecs: codecList(config.codecs),
    pcmuFallback: config.pcmuFallback === undefined ? DEFAULTS.pcmuFallback : config.pcmuFallback === true,
    ptime: number('ptime', DEFAULTS.ptime, 10, 60),
    transferPolicy: oneOf(
      'transferPolicy',
      text('transferPolicy') || DEFAULTS.transferPolicy,
      TRANSFER_POLICIES,
    ),
    dtmfMethod: oneOf('dtmfMethod', text('dtmfMethod') || DEFAULTS.dtmfMethod, DTMF_METHODS),
    rtpPortMin: number('rtpPortMin', DEFAULTS.rtpPortMin, 1024, 65534),
    rtpPortMax: number('rtpPortMax', DEFAULTS.rtpPortMax, 1025, 65535),
    maxCalls: number('maxCalls', DEFAULTS.maxCalls, 1, 10000),
    maxCallDuration: number('maxCallDuration', DEFAULTS.maxCallDuration, 0, 2073600),
    mediaTimeout: number('mediaTimeout', DEFAULTS.mediaTimeout, 0.1, 60),
    rtpTimeout: number('rtpTimeout', DEFAULTS.rtpTimeout, 0, 86400),
    audioDir: folder(text('audioDir'), userDir, '.'),
    recordingsDir: folder(text('recordingsDir'), userDir, 'sip-recordings'),
  };
}

/** How received audio waits. The delay is that of a fixed buffer: an adaptive one finds its own. */
function jitterBufferOf(config: SipNodeDef): PhoneOptions['jitterBuffer'] {
  const mode = oneOf(
    'jitterBuffer',
    toText('jitterBuffer', config.jitterBuffer) || 'adaptive',
    JITTER_BUFFERS,
  );
  return mode === 'fixed' ? { mode, delayMs: numberOf(config, 'jitterDelayMs', 60, 0, 1000) } : { mode };
}

/** Seconds, 0 for none; more often than ten times a second nobody looks. */
function statisticsIntervalOf(config: SipNodeDef): number {
  const seconds = numberOf(config, 'statisticsInterval', 0, 0, 3600);
  return seconds === 0 ? 0 : numberOf(config, 'statisticsInterval', 0, 0.1, 3600);
}

/** Headers for every message, as JSON text or, in a flow written by hand, as an object. */
function headersOf(stored: unknown): PhoneOptions['headers'] {
  if (stored === undefined || stored === null || stored === '') return undefined;
  rejectUnresolvedEnv('headers', stored);
  if (typeof stored !== 'string') return toHeaders('headers', stored);
  let value: unknown;
  try {
    value = JSON.parse(stored);
  } catch (cause) {
    const sentence = `The field "headers" must be JSON such as {"X-Lab": "7"}; it is ${kindOf(stored)}.`;
    throw new SipflowError('BAD_CONFIG', sentence, { cause });
  }
  return toHeaders('headers', value);
}

/** A list, or a text with its entries between commas, blanks or line breaks. */
function textList(field: string, stored: unknown): string[] {
  const entries: unknown[] = Array.isArray(stored) ? stored : [stored];
  return entries.flatMap((entry) => toText(field, entry).split(/[\s,;]+/)).filter((entry) => entry !== '');
}

/** The keys and certificates, and whether who calls must have some too. */
function tlsOf(config: SipNodeDef, tls: PhoneTls | undefined): PhoneTls | undefined {
  return tls && { ...tls, requireClientCertificate: config.requireClientCertificate === true };
}

/** What only a phone with a network around it has. */
function networkOptions(config: SipNodeDef): NetworkOptions {
  const text = (field: string): string | undefined => toText(field, config[field]) || undefined;
  const registrar = text('registrar');
  const registers = registrar !== undefined && config.register !== false;
  return {
    bindAddress: text('bindAddress') ?? '0.0.0.0',
    port: numberOf(config, 'port', 5060, 0, 65535),
    listenTcp: config.listenTcp !== false,
    advertisedAddress: text('advertisedAddress'),
    stunServer: text('stunServer'),
    domain: text('domain') ?? hostOf(registrar),
    registrar: registers ? registrar : undefined,
    registerExpires: registers ? numberOf(config, 'registerExpires', 600, 10, 86400) : undefined,
    outboundProxy: text('outboundProxy'),
    acceptFrom: textList('acceptFrom', config.acceptFrom ?? DEFAULTS.acceptFrom),
    sessionTimer: numberOf(config, 'sessionTimer', 0, 0, 86400),
    reliableProvisional: config.reliableProvisional === true,
  };
}

/** The host (and port) of a registrar that was written as a SIP URI or without its scheme. */
function hostOf(registrar: string | undefined): string | undefined {
  return registrar?.replace(/^sips?:/i, '').replace(/;.*$/, '');
}

function codecList(stored: unknown): string[] {
  return toCodecList('codecs', flatList('codecs', stored)) ?? [...DEFAULTS.codecs];
}

function suiteList(stored: unknown): string[] {
  return toSuiteList('srtpSuites', flatList('srtpSuites', stored)) ?? [...DEFAULTS.srtpSuites];
}

/** A stored list as one text, since a variable may hold the whole list ("PCMA, PCMU"): each row is itself one. */
function flatList(field: string, stored: unknown): unknown {
  if (Array.isArray(stored)) stored.forEach((item) => rejectUnresolvedEnv(field, item));
  else rejectUnresolvedEnv(field, stored);
  return (Array.isArray(stored) ? stored.join(',') : stored) ?? '';
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

function numberOf(config: SipNodeDef, field: string, fallback: number, min: number, max: number): number {
  rejectUnresolvedEnv(field, config[field]);
  return toNumber(field, config[field], { fallback, min, max });
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
