import { isAbsolute, join, resolve } from 'node:path';
import type { PhoneOptions, PhoneTls } from '../../lib/calls';
import { DEFAULTS, SipflowError } from '../../lib/common';
import { kindOf, rejectUnresolvedEnv, toCodecList, toHeaders, toSuiteList } from '../shared/field-values';
import type { SipNodeDef } from '../shared/flow-types';
import type { Folders } from '../shared/folders';
import { StoredFields } from '../shared/stored-fields';
import { instanceFields } from './fields';

type PhoneFields = StoredFields<typeof instanceFields.fields>;

type NetworkOptions = Pick<
  PhoneOptions,
  | 'bindAddress'
  | 'port'
  | 'listenTcp'
  | 'advertisedAddress'
  | 'stunServer'
  | 'domain'
  | 'registrar'
  | 'register'
  | 'registerExpires'
  | 'outboundProxy'
  | 'failOverAfter'
  | 'acceptFrom'
  | 'sessionTimer'
  | 'reliableProvisional'
>;

/** Settings of a `sip-instance` that are not in its own fields. */
export interface Surroundings {
  /** Bases of relative folders. */
  folders: Folders;
  /** What is captured, whatever the phones say; undefined when they decide. */
  capture?: PhoneOptions['capture'] | undefined;
  /** From the node's credentials. */
  password?: string | undefined;
  /** From the `tls-config` node that it names. */
  tls?: PhoneTls | undefined;
}

/**
 * Turns the stored fields of a `sip-instance` into the engine's options. Fields that do not apply to the mode count as
 * blank. Throws BAD_CONFIG naming the field.
 */
export function toPhoneOptions(config: SipNodeDef, around: Surroundings): PhoneOptions {
  const fields = new StoredFields(instanceFields, config);
  const mode = fields.choice('mode');
  const dn = fields.plainText('dn');
  if (dn === '') {
    throw new SipflowError(
      'BAD_CONFIG',
      'The SIP phone needs a number (the user part of its address), such as 1001.',
    );
  }
  const transport = fields.choice('transport');
  const encrypted = transport === 'tls' || transport === 'wss';
  const { sounds, recordings } = around.folders;
  return {
    id: config.id,
    name: config.name || dn,
    number: dn,
    displayName: fields.plainText('displayName') || undefined,
    mode,
    transport,
    tls: encrypted ? tlsOf(fields, around.tls) : undefined,
    ...(mode === 'simulation' ? { bindAddress: '127.0.0.1', port: 0 } : networkOptions(fields)),
    authUser: fields.plainText('authUser') || undefined,
    password: secret(around.password),
    authenticateIncoming: fields.flag('authenticateIncoming'),
    srtp: fields.choice('srtp'),
    srtpSuites: toSuiteList('srtpSuites', fields.listed('srtpSuites')) ?? [...DEFAULTS.srtpSuites],
    headers: headersOf(config.headers),
    allowedOrigins: fields.words('allowedOrigins'),
    jitterBuffer: jitterBufferOf(fields),
    concealment: fields.choice('concealment'),
    statisticsInterval: fields.plainNumber('statisticsInterval'),
    capture: around.capture ?? fields.choice('capture'),
    codecs: toCodecList('codecs', fields.listed('codecs')) ?? [...DEFAULTS.codecs],
    pcmuFallback: fields.flag('pcmuFallback'),
    ptime: fields.plainNumber('ptime'),
    transferPolicy: fields.choice('transferPolicy'),
    dtmfMethod: fields.choice('dtmfMethod'),
    rtpPortMin: fields.plainNumber('rtpPortMin'),
    rtpPortMax: fields.plainNumber('rtpPortMax'),
    maxCalls: fields.plainNumber('maxCalls'),
    maxCallDuration: fields.plainNumber('maxCallDuration'),
    mediaTimeout: fields.plainNumber('mediaTimeout'),
    rtpTimeout: fields.plainNumber('rtpTimeout'),
    audioDir: folder(fields.plainText('audioDir'), sounds, '.'),
    recordingsDir: folder(fields.plainText('recordingsDir'), recordings, 'sip-recordings'),
  };
}

/** The collector of HEP that a `sip-instance` names; blank when it names none. */
export function hepOf(config: SipNodeDef): string {
  return new StoredFields(instanceFields, config).plainText('hep');
}

/** How received audio waits. The delay is that of a fixed buffer: an adaptive one finds its own. */
function jitterBufferOf(fields: PhoneFields): PhoneOptions['jitterBuffer'] {
  const mode = fields.choice('jitterBuffer');
  return mode === 'fixed' ? { mode, delayMs: fields.plainNumber('jitterDelayMs') } : { mode };
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

/** The keys and certificates, and whether who calls must have some too. */
function tlsOf(fields: PhoneFields, tls: PhoneTls | undefined): PhoneTls | undefined {
  return tls && { ...tls, requireClientCertificate: fields.flag('requireClientCertificate') };
}

/** Options of a network phone that a simulated one does not have. */
function networkOptions(fields: PhoneFields): NetworkOptions {
  const text = (field: Parameters<PhoneFields['plainText']>[0]): string | undefined =>
    fields.plainText(field) || undefined;
  const registrar = text('registrar');
  return {
    bindAddress: text('bindAddress') ?? '0.0.0.0',
    port: fields.plainNumber('port'),
    listenTcp: fields.flag('listenTcp'),
    advertisedAddress: text('advertisedAddress'),
    stunServer: text('stunServer'),
    domain: text('domain') ?? hostOf(registrar),
    registrar,
    register: fields.flag('register'),
    registerExpires: registrar === undefined ? undefined : fields.plainNumber('registerExpires'),
    outboundProxy: text('outboundProxy'),
    failOverAfter: fields.plainNumber('failOverAfter'),
    acceptFrom: fields.words('acceptFrom'),
    sessionTimer: fields.plainNumber('sessionTimer'),
    reliableProvisional: fields.flag('reliableProvisional'),
  };
}

/** The host (and port) of a registrar that was written as a SIP URI or without its scheme. */
function hostOf(registrar: string | undefined): string | undefined {
  return registrar?.replace(/^sips?:/i, '').replace(/;.*$/, '');
}

function folder(stored: string, base: string, fallback: string): string {
  const path = stored || fallback;
  return isAbsolute(path) ? resolve(path) : join(base, path);
}

/** A password is taken as it is: spaces at its ends may be meant. */
function secret(password: string | undefined): string | undefined {
  rejectUnresolvedEnv('password', password);
  return password || undefined;
}
