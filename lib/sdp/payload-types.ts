import { type CodecName, CODECS } from '../audio';
import { type AudioFormat, USUAL_EVENT_CLOCK, findTelephoneEvent } from './formats';

const DYNAMIC_FIRST = 96;
const DYNAMIC_LAST = 127;

/** Numbers that many devices use for the same thing; what is taken moves to the next free one. */
const HABITUAL: Readonly<Record<string, number>> = {
  OPUS: 107,
  L16: 118,
  'telephone-event/8000': 101,
  'telephone-event/16000': 102,
  'telephone-event/48000': 100,
};

/** A line of the offer's format list. */
export interface OfferedFormat {
  payloadType: number;
  rtpmap: string;
  fmtp?: string;
}

/**
 * Numbers codecs and telephone events of an offer. A number that the session used before stays with what
 * it meant (RFC 3264, 8.3.2), and no number of the past is given to something new.
 *
 * @param past the formats of our last description in this session.
 */
export function numberFormats(
  codecs: readonly CodecName[],
  telephoneEvent: boolean,
  past: readonly AudioFormat[],
): OfferedFormat[] {
  const taken = new Set(past.map((format) => format.payloadType));
  const assign = (key: string, used: AudioFormat | undefined): number => {
    const number = used?.payloadType ?? freeNumber(HABITUAL[key], taken);
    taken.add(number);
    return number;
  };

  const offered = codecs.map((name): OfferedFormat => {
    const used = past.find((format) => format.codec === name);
    return codecFormat(name, CODECS[name].staticPayloadType ?? assign(name, used));
  });
  if (!telephoneEvent) return offered;
  // Events at 8000 go with every codec: peers that know no other clock answer Opus with those.
  const clocks = new Set([...codecs.map((name) => CODECS[name].clockRate), USUAL_EVENT_CLOCK]);
  for (const clockRate of clocks) {
    const used = findTelephoneEvent(past, clockRate);
    offered.push(eventFormat(clockRate, assign(`telephone-event/${clockRate}`, used)));
  }
  return offered;
}

/** The codec under that number, as our descriptions write it. */
export function codecFormat(name: CodecName, payloadType: number): OfferedFormat {
  const { encodingName, clockRate, rtpmapChannels } = CODECS[name];
  const rtpmap = `${encodingName}/${clockRate}${rtpmapChannels > 1 ? `/${rtpmapChannels}` : ''}`;
  return { payloadType, rtpmap, ...(name === 'OPUS' ? { fmtp: 'minptime=10;useinbandfec=1' } : {}) };
}

/** Telephone events 0–16 (digits, letters, flash) under that number (RFC 4733, 2.4.1). */
export function eventFormat(clockRate: number, payloadType: number): OfferedFormat {
  return { payloadType, rtpmap: `telephone-event/${clockRate}`, fmtp: '0-16' };
}

function freeNumber(habitual: number | undefined, taken: ReadonlySet<number>): number {
  if (habitual !== undefined && !taken.has(habitual)) return habitual;
  for (let number = DYNAMIC_FIRST; number <= DYNAMIC_LAST; number += 1) {
    if (!taken.has(number)) return number;
  }
  // A peer that used up all 32 numbers would have to be hostile; the first one is as good as any.
  return DYNAMIC_FIRST;
}
