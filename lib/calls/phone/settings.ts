import { join, resolve } from 'node:path';
import { DEFAULTS } from '../../common';
import { DEFAULT_TRANSPORT } from '../../sip';
import { newCallId } from '../call-id';
import type { PhoneOptions } from '../types';
import { assertSettings } from './setting-rules';

/** A phone’s settings, of which only the number must be there. Folders may be relative to the working directory. */
export type PhoneSettings = Pick<PhoneOptions, 'number'> & Partial<Omit<PhoneOptions, 'number'>>;

/** Defaults of a phone's settings but the address: a simulated one binds to the loopback, any other to all of them. */
const COMPLETION = {
  mode: 'simulation',
  transport: DEFAULT_TRANSPORT,
  codecs: DEFAULTS.codecs,
  pcmuFallback: DEFAULTS.pcmuFallback,
  ptime: DEFAULTS.ptime,
  dtmfMethod: DEFAULTS.dtmfMethod,
  rtpPortMin: DEFAULTS.rtpPortMin,
  rtpPortMax: DEFAULTS.rtpPortMax,
  maxCalls: DEFAULTS.maxCalls,
  mediaTimeout: DEFAULTS.mediaTimeout,
} as const;

/**
 * Completes a phone's settings. Whether they go together is looked at when the phone starts.
 *
 * @throws SipflowError BAD_CONFIG whose `field` is the setting that is not of its kind
 */
export function completePhone(settings: PhoneSettings): PhoneOptions {
  assertSettings(settings);
  const simulated = (settings.mode ?? COMPLETION.mode) === 'simulation';
  const audioDir = resolve(settings.audioDir ?? '.');
  return {
    id: newCallId(),
    name: settings.number,
    bindAddress: simulated ? '127.0.0.1' : '0.0.0.0',
    port: simulated ? 0 : 5060,
    ...COMPLETION,
    domain: hostOf(settings.registrar),
    ...given(settings),
    codecs: [...(settings.codecs ?? COMPLETION.codecs)],
    audioDir,
    recordingsDir: resolve(settings.recordingsDir ?? join(audioDir, 'sip-recordings')),
  };
}

/** The settings that are there: one that is undefined is left to its default. */
function given(settings: PhoneSettings): PhoneSettings {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  return { ...(Object.fromEntries(entries) as Partial<PhoneSettings>), number: settings.number };
}

/** Numbers are dialled at the registrar, which may be written as a host, `host:port` or a SIP URI. */
function hostOf(registrar: string | undefined): string | undefined {
  return registrar?.replace(/^sips?:/i, '').replace(/;.*$/, '');
}
