import { join, resolve } from 'node:path';
import { DEFAULTS, SipflowError } from '../../common';
import { newCallId } from '../call-id';
import type { PhoneOptions } from '../types';

/** A phone’s settings, of which only the number must be there. Folders may be relative to the working directory. */
export type PhoneSettings = Pick<PhoneOptions, 'number'> & Partial<Omit<PhoneOptions, 'number'>>;

/** What a phone has whose settings say nothing of it; a simulated one binds to the loopback, any other to all addresses. */
const COMPLETION = {
  mode: 'simulation',
  transport: 'udp',
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
 * Completes a phone's settings. Whether they make sense is looked at when the phone starts.
 *
 * @throws SipflowError BAD_CONFIG when the number is no text
 */
export function completePhone(settings: PhoneSettings): PhoneOptions {
  const { number } = settings;
  if (typeof number !== 'string') {
    throw new SipflowError('BAD_CONFIG', 'The setting "number" must be text, such as "1001".');
  }
  const simulated = (settings.mode ?? COMPLETION.mode) === 'simulation';
  const audioDir = resolve(settings.audioDir ?? '.');
  return {
    id: newCallId(),
    name: number,
    bindAddress: simulated ? '127.0.0.1' : '0.0.0.0',
    port: simulated ? 0 : 5060,
    ...COMPLETION,
    ...settings,
    codecs: [...(settings.codecs ?? COMPLETION.codecs)],
    audioDir,
    recordingsDir: resolve(settings.recordingsDir ?? join(audioDir, 'sip-recordings')),
  };
}
