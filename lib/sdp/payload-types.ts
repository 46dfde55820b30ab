import { type CodecName, CODECS } from '../audio';
import { type AudioFormat, USUAL_EVENT_CLOCK, findTelephoneEvent } from './formats';

const DYNAMIC_FIRST = 96;
const DYNAMIC_LAST = 127;

/** Numbers that many devices use for telephone events, by clock; what is taken moves to the next free one. */
const USUAL_EVENTS: Readonly<Record<number, number>> = { 8000: 101, 16_000: 102, 48_000: 100 };

/** A line of the offer's format list. */
export interface OfferedFormat {
  payloadType: number;
  rtpmap: string;
  fmtp?: string;
}

/** Lists of formats that are remembered: calls offer and answer the same few. */
const MAX_KNOWN_LISTS = 200;
/** Formats of first offers, by codecs. */
const firstOffers = new Map<string, readonly OfferedFormat[]>();
/** Formats of answers, by codec, events and their numbers. */
const answers = new Map<string, readonly OfferedFormat[]>();

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
): readonly OfferedFormat[] {
  if (past.length > 0) return numbered(codecs, telephoneEvent, past);
  const key = `${codecs.join()} ${telephoneEvent}`;
  let formats = firstOffers.get(key);
  if (!formats) {
    formats = numbered(codecs, telephoneEvent, past);
    if (firstOffers.size < MAX_KNOWN_LISTS) firstOffers.set(key, formats);
  }
  return formats;
}

/** The formats of an answer: one codec, and telephone events if there are any, under the numbers of the offer. */
export function answeredFormats(
  codec: CodecName,
  payloadType: number,
  event: AudioFormat | undefined,
): readonly OfferedFormat[] {
  const key = `${codec} ${payloadType} ${event ? `${event.payloadType} ${event.clockRate}` : ''}`;
  let formats = answers.get(key);
  if (!formats) {
    formats = [codecFormat(codec, payloadType)];
    if (event) formats = [...formats, eventFormat(event.clockRate, event.payloadType)];
    if (answers.size < MAX_KNOWN_LISTS) answers.set(key, formats);
  }
  return formats;
}

function numbered(
  codecs: readonly CodecName[],
  telephoneEvent: boolean,
  past: readonly AudioFormat[],
): OfferedFormat[] {
  const taken = new Set(past.map((format) => format.payloadType));
  const assign = (usual: number | undefined, used: AudioFormat | undefined): number => {
    const number = used?.payloadType ?? freeNumber(usual, taken);
    taken.add(number);
    return number;
  };

  const offered = codecs.map((name): OfferedFormat => {
    const used = past.find((format) => format.codec === name);
    const { staticPayloadType, usualPayloadType } = CODECS[name];
    return codecFormat(name, staticPayloadType ?? assign(usualPayloadType, used));
  });
  if (!telephoneEvent) return offered;
  // Events at 8000 go with every codec: peers that know no other clock answer Opus with those.
  const clocks = new Set([...codecs.map((name) => CODECS[name].clockRate), USUAL_EVENT_CLOCK]);
  for (const clockRate of clocks) {
    const used = findTelephoneEvent(past, clockRate);
    offered.push(eventFormat(clockRate, assign(USUAL_EVENTS[clockRate], used)));
  }
  return offered;
}

/** The codec under that number, as our descriptions write it. */
function codecFormat(name: CodecName, payloadType: number): OfferedFormat {
  const { encodingName, clockRate, rtpmapChannels, fmtp } = CODECS[name];
  const rtpmap = `${encodingName}/${clockRate}${rtpmapChannels > 1 ? `/${rtpmapChannels}` : ''}`;
  return { payloadType, rtpmap, ...(fmtp === undefined ? {} : { fmtp }) };
}

/** Telephone events 0–16 (digits, letters, flash) under that number (RFC 4733, 2.4.1). */
function eventFormat(clockRate: number, payloadType: number): OfferedFormat {
  return { payloadType, rtpmap: `telephone-event/${clockRate}`, fmtp: '0-16' };
}

function freeNumber(usual: number | undefined, taken: ReadonlySet<number>): number {
  if (usual !== undefined && !taken.has(usual)) return usual;
  for (let number = DYNAMIC_FIRST; number <= DYNAMIC_LAST; number += 1) {
    if (!taken.has(number)) return number;
  }
  // A peer that used up all 32 numbers would have to be hostile; the first one is as good as any.
  return DYNAMIC_FIRST;
}
