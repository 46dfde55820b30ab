import { renderRecordingPath } from './recording-name';
import type { CallRef, PhoneOptions } from '../types';

/** Absolute path of a recording of that call; `wallNow` in milliseconds since the epoch. BAD_CONFIG. */
export function recordingPath(template: string, ref: CallRef, phone: PhoneOptions, wallNow: number): string {
  return renderRecordingPath(
    template,
    {
      instance: phone.number || phone.name,
      timestamp: new Date(wallNow),
      call: ref.id,
      from: userOf(ref.from),
      to: userOf(ref.to),
    },
    phone.recordingsDir,
  );
}

/** User part of a SIP URI, for file names; the whole text when it has none. */
function userOf(uri: string): string {
  return /^<?(?:sips?|tel):([^@;>]+)/i.exec(uri)?.[1] ?? uri;
}
