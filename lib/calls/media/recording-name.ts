import { join, resolve } from 'node:path';
import { SipflowError } from '../../common';
import type { CallRef, PhoneOptions } from '../types';

/** Values of the variables in a recording's name. */
export interface RecordingValues {
  /** The phone's name or number. */
  instance: string;
  /** When the recording begins; written in local time. */
  timestamp: Date;
  /** The call's id. */
  call: string;
  /** Address of either side: a URI is reduced to its user part. */
  from: string;
  to: string;
}

/** Used when the template is blank. */
const DEFAULT_TEMPLATE = '{{timestamp}}-{{instance}}-{{call}}';
const VARIABLES = ['instance', 'timestamp', 'call', 'from', 'to'] as const;

/** Octets in UTF-8. File systems allow 255 for a name; a counter and encryption layers need some of them. */
const MAX_SEGMENT = 140;
const MAX_VALUE = 80;
const MAX_DEPTH = 8;
const EXTENSION = '.wav';

/** Characters that a file system forbids, that separate folders, or that are invisible (controls, lone surrogates). */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"/\\|?*\ufffd]/gu;
/** Names that Windows reserves for devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|$)/i;

/**
 * The absolute path of a recording, always inside `recordingsDir` (pitfall 4) for any template and
 * any values. In the template `/` and `\` separate folders; in values they are replaced, so that a
 * caller's name cannot leave the folder. Every part is a valid name on Linux, macOS and Windows; letters of any
 * script are kept. `.wav` is added when missing. Uniqueness is up to the code that creates the file.
 *
 * @param template text with `{{instance}} {{timestamp}} {{call}} {{from}} {{to}}`; blank = a sensible one.
 * @throws SipflowError BAD_CONFIG for an unknown variable or more than 8 folders.
 */
export function renderRecordingPath(
  template: string,
  values: RecordingValues,
  recordingsDir: string,
): string {
  const filled = (template.trim() === '' ? DEFAULT_TEMPLATE : template).replace(
    /\{\{([^{}]*)\}\}/g,
    (_, name: string) => valueOf(name.trim(), values),
  );
  const parts = filled.split(/[/\\]/).filter((part) => !/^[\s.]*$/.test(part));
  if (parts.length > MAX_DEPTH) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The recording's file name has more than ${MAX_DEPTH} folders. Use fewer of them.`,
    );
  }
  const folders = parts.slice(0, -1).map((part) => safeName(part, MAX_SEGMENT));
  const last = (parts.at(-1) ?? 'recording').trim();
  const stem = last.toLowerCase().endsWith(EXTENSION) ? last.slice(0, -EXTENSION.length) : last;
  const file = `${safeName(stem, MAX_SEGMENT - EXTENSION.length)}${EXTENSION}`;
  return join(resolve(recordingsDir), ...folders, file);
}

function valueOf(name: string, values: RecordingValues): string {
  switch (name as (typeof VARIABLES)[number]) {
    case 'timestamp':
      return timestampText(values.timestamp);
    case 'instance':
      return safeName(values.instance, MAX_VALUE);
    case 'call':
      return safeName(values.call, MAX_VALUE);
    case 'from':
      return safeName(userOf(values.from), MAX_VALUE);
    case 'to':
      return safeName(userOf(values.to), MAX_VALUE);
    default:
      throw new SipflowError(
        'BAD_CONFIG',
        `The recording's file name has an unknown variable {{${name.slice(0, 40)}}}; known are ${VARIABLES.map(
          (known) => `{{${known}}}`,
        ).join(', ')}.`,
      );
  }
}

/** `20261122-221530-123`, local time. */
function timestampText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  const time = `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
  return `${day}-${time}-${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** The user part of a SIP or tel URI (also within `"Name" <…>`), unescaped; anything else as it is. */
function userOf(address: string): string {
  const uri = /<([^<>]*)>/.exec(address)?.[1] ?? address;
  const user = /^\s*(?:sips?:([^@]*)@|tel:([^;]*))/i.exec(uri);
  const text = user?.[1] ?? user?.[2];
  if (text === undefined) return uri;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A name for one file or folder, never empty, at most `limit` octets of UTF-8. */
function safeName(text: string, limit: number): string {
  const clean = text.normalize('NFC').replace(FORBIDDEN, '_');
  const name = trimName(cutOctets(trimName(clean), limit - 1));
  if (name === '') return 'unknown';
  return DEVICE.test(name) ? `_${name}` : name;
}

/** Leading dots hide a file, trailing dots and spaces vanish on Windows. */
function trimName(name: string): string {
  let [start, end] = [0, name.length];
  while (start < end && isTrimmed(name[start])) start += 1;
  while (end > start && isTrimmed(name[end - 1])) end -= 1;
  return name.slice(start, end);
}

function isTrimmed(character: string | undefined): boolean {
  return character === '.' || (character !== undefined && character.trim() === '');
}

function cutOctets(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  let octets = 0;
  let kept = '';
  for (const character of text) {
    octets += Buffer.byteLength(character);
    if (octets > limit) break;
    kept += character;
  }
  return kept;
}

/** Absolute path of a recording of that call; `wallNow` in milliseconds since the epoch. BAD_CONFIG. */
export function recordingPath(template: string, ref: CallRef, phone: PhoneOptions, wallNow: number): string {
  return renderRecordingPath(
    template,
    {
      instance: phone.number || phone.name,
      timestamp: new Date(wallNow),
      call: ref.id,
      from: userOrHostOf(ref.from),
      to: userOrHostOf(ref.to),
    },
    phone.recordingsDir,
  );
}

/** User part of a SIP URI, its host when it has none; anything else as it is. */
function userOrHostOf(uri: string): string {
  return /^<?(?:sips?|tel):([^@;>]+)/i.exec(uri)?.[1] ?? uri;
}
