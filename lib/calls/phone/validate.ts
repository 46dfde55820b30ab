import { isAbsolute } from 'node:path';
import { isIP } from 'node:net';
import { SipflowError } from '../../common';
import { assertJitterBuffer } from '../../media';
import { codecPreference, srtpPreference } from '../../sdp';
import { transportNamed, TRANSPORTS } from '../../sip';
import { assertMaxCallDuration } from '../duration-limit';
import type { PhoneOptions } from '../types';

/**
 * Checks a phone's settings; the error says in one sentence what is wrong and how to mend it.
 * @throws SipflowError BAD_CONFIG
 */
export function validatePhone(options: PhoneOptions): void {
  codecPreference(options.codecs, { pcmuFallback: options.pcmuFallback });
  if (options.srtpSuites) srtpPreference(options.srtpSuites);
  if (options.number.trim() === '' || /[\s@<>"]/.test(options.number)) {
    throw bad(
      'number',
      `the number "${options.number}" is not a user part. Use digits or letters, such as 1001`,
    );
  }
  if (transportNamed(options.transport) === undefined) {
    throw bad(
      'transport',
      `the transport ${options.transport} does not exist. Choose one of ${Object.keys(TRANSPORTS).join(', ')}`,
    );
  }
  if (isIP(options.bindAddress) === 0) {
    throw bad(
      'bindAddress',
      `the bind address "${options.bindAddress}" is not an IP address. Use 0.0.0.0, :: or an address of this machine`,
    );
  }
  assertRange('port', options.port, 0, 65535);
  assertRange('rtpPortMin', options.rtpPortMin, 1024, 65535);
  assertRange('rtpPortMax', options.rtpPortMax, 1024, 65535);
  assertRange('maxCalls', options.maxCalls, 1, 100_000);
  assertMaxCallDuration(options.maxCallDuration);
  if (options.sessionTimer) assertRange('sessionTimer', options.sessionTimer, 90, 86_400);
  if (options.authenticateIncoming && !options.password) {
    throw bad(
      'password',
      'callers cannot be authenticated without a password. Set one, or switch authenticateIncoming off',
    );
  }
  if (!(options.mediaTimeout > 0)) throw bad('mediaTimeout', 'mediaTimeout must be more than 0 seconds');
  if (options.rtpTimeout !== undefined && !(options.rtpTimeout >= 0)) {
    throw bad('rtpTimeout', 'rtpTimeout must be a number of seconds, or 0 for none');
  }
  if (![10, 20, 30, 40, 50, 60].includes(options.ptime)) {
    throw bad('ptime', `ptime ${options.ptime} is not possible. Choose 10, 20, 30, 40, 50 or 60 ms`);
  }
  if (options.jitterBuffer) assertJitterBuffer(options.jitterBuffer);
  assertPorts(options);
  for (const field of ['audioDir', 'recordingsDir'] as const) {
    const folder = options[field];
    if (!isAbsolute(folder)) throw bad(field, `the folder "${folder}" is not absolute`);
  }
}

/** RTP needs room for at least one even/odd pair, and SIP must not sit inside the RTP range (pitfall 10). */
function assertPorts({ rtpPortMin, rtpPortMax, port }: PhoneOptions): void {
  const firstEven = rtpPortMin + (rtpPortMin % 2);
  if (firstEven + 1 > rtpPortMax) {
    throw bad(
      'rtpPortMax',
      `the RTP port range ${rtpPortMin}–${rtpPortMax} has no room for an even port and the odd one above it`,
    );
  }
  if (port !== 0 && port >= rtpPortMin && port <= rtpPortMax) {
    throw bad(
      'port',
      `the SIP port ${port} lies inside the RTP range ${rtpPortMin}–${rtpPortMax}. Move one of them`,
    );
  }
}

function assertRange(field: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw bad(field, `${field} must be a whole number from ${min} to ${max}, not ${value}`);
  }
}

function bad(field: string, problem: string): SipflowError {
  return new SipflowError('BAD_CONFIG', `SIP phone: ${problem}.`, { field });
}
