import {
  BLOCK_MS,
  BLOCK_SAMPLES,
  type Conversation,
  type Detection,
  LevelMeter,
  LISTENING_RATE,
  WAV_HEADER_BYTES,
  writeWavHeader,
} from '../../../audio';
import type { Heard, ListenResult } from '../../types';
import type { AudioHistory } from './history';
import type { Listener } from './listener';
import type { PeerClock } from './peer-clock';

/** 95 % of the latencies are right up to this, also at 5 % loss and 60 ms jitter; docs/benchmarks.md has the measurement. */
export const LATENCY_ERROR_MS = 20;
/** Audio that a capture has before and behind what was heard, milliseconds. */
const MARGIN_MS = 200;
/** Distance within which the beginning of a prompt is that of the sound that was noticed there. */
const SAME_MS = 120;

/** What a report is made of. */
interface Parts {
  history: AudioHistory;
  clock: PeerClock;
  conversation: Conversation;
  reason: ListenResult['reason'];
  detection: Detection | undefined;
  nowMs: number;
  answeredMs: number | undefined;
}

/** The result of a listening. */
export function reportOf(listener: Listener, parts: Parts): ListenResult {
  const { reason, detection } = parts;
  const other = detection ?? certainInstead(listener);
  const heard = other ? heardOf(listener, other, parts) : insteadOf(listener, parts);
  const audio =
    listener.request.capture && detection ? capture(listener, detection, parts.history) : undefined;
  return { reason, heard: rounded(heard), ...(audio ? { audio } : {}) };
}

function heardOf(listener: Listener, detection: Detection, parts: Parts): Heard {
  const { conversation, nowMs, answeredMs } = parts;
  const { startMs, endMs, soundStartMs = startMs, beepMs, ...facts } = detection;
  const at = (ms: number): number => sessionMs(listener, ms, parts.clock);
  const begins = beginningNear(conversation, at(soundStartMs));
  const isSound = detection.what !== 'silence' && detection.why !== 'silence';
  return {
    ...bare(facts),
    startMs: at(startMs),
    endMs: at(endMs),
    ...(beepMs === undefined ? {} : { beepMs: at(beepMs) }),
    ...(isSound ? latency(conversation, begins) : {}),
    ...(isSound && facts.levelDbfs === undefined ? level(listener, startMs, endMs, parts.history) : {}),
    ...conversation.figures(listener.fromMs, Math.max(nowMs, listener.fromMs), answeredMs),
  };
}

/** Another tone than the wanted one, or who answered instead: more than that there was a sound. */
function certainInstead(listener: Listener): Detection | undefined {
  const what = listener.request.for;
  return what === 'tone' || what === 'answerer' ? listener.best() : undefined;
}

/** What there was instead: the longest sound, or silence; and the nearest of the prompts. */
function insteadOf(listener: Listener, { conversation, nowMs, answeredMs, clock }: Parts): Heard {
  const sounds = conversation.theirsSince(listener.fromMs);
  const best = listener.best();
  const longest = sounds.reduce<(typeof sounds)[number] | undefined>(
    (most, each) => (most && most.endMs - most.startMs >= each.endMs - each.startMs ? most : each),
    undefined,
  );
  const first = sounds.at(0);
  return {
    what: longest?.kind ?? 'silence',
    score: 0,
    startMs: first ? Math.max(first.startMs, listener.fromMs) : listener.fromMs,
    endMs: sounds.at(-1)?.endMs ?? Math.max(nowMs, listener.fromMs),
    ...(first ? latency(conversation, first.startMs) : {}),
    ...(best?.candidates ? { candidates: best.candidates } : {}),
    ...(best?.missingStartMs === undefined ? {} : { missingStartMs: best.missingStartMs }),
    ...(best?.gapsMs === undefined ? {} : { gapsMs: best.gapsMs }),
    ...(best ? { nearest: nearestOf(listener, best, clock) } : {}),
    ...conversation.figures(listener.fromMs, Math.max(nowMs, listener.fromMs), answeredMs),
  };
}

function nearestOf(listener: Listener, best: Detection, clock: PeerClock): NonNullable<Heard['nearest']> {
  const { reference = best.what, score, startMs, endMs } = best;
  return {
    reference,
    score,
    startMs: Math.round(sessionMs(listener, startMs, clock)),
    endMs: Math.round(sessionMs(listener, endMs, clock)),
  };
}

function latency(conversation: Conversation, startMs: number): Pick<Heard, 'latencyMs' | 'latencyErrorMs'> {
  const latencyMs = conversation.latencyAt(startMs);
  return latencyMs === undefined ? {} : { latencyMs, latencyErrorMs: LATENCY_ERROR_MS };
}

/** The beginning of the sound that was noticed there, which is known to 10 ms; else that time itself. */
function beginningNear(conversation: Conversation, ms: number): number {
  const near = conversation.theirsSince(ms).find(({ startMs }) => Math.abs(startMs - ms) <= SAME_MS);
  return near?.startMs ?? ms;
}

function sessionMs(listener: Listener, ms: number, clock: PeerClock): number {
  return clock.sessionMs(listener.start * BLOCK_SAMPLES + (ms * LISTENING_RATE) / 1000);
}

function level(
  listener: Listener,
  startMs: number,
  endMs: number,
  history: AudioHistory,
): Pick<Heard, 'levelDbfs'> {
  const meter = new LevelMeter();
  meter.add(history.copy(listener.blockAt(startMs), listener.blockAt(endMs)));
  return Number.isFinite(meter.rmsDbfs) ? { levelDbfs: meter.rmsDbfs } : {};
}

function capture(listener: Listener, { startMs, endMs }: Detection, history: AudioHistory): Uint8Array {
  const margin = MARGIN_MS / BLOCK_MS;
  const samples = history.copy(listener.blockAt(startMs) - margin, listener.blockAt(endMs) + margin);
  const wav = new Uint8Array(WAV_HEADER_BYTES + samples.byteLength);
  writeWavHeader(wav, { sampleRate: LISTENING_RATE, channels: 1 }, samples.byteLength);
  const view = new DataView(wav.buffer, WAV_HEADER_BYTES);
  for (let index = 0; index < samples.length; index++) view.setInt16(index * 2, samples[index], true);
  return wav;
}

/** Only what a report has; a detector may know more. */
function bare(
  detection: Omit<Detection, 'startMs' | 'endMs'>,
): Omit<Heard, 'startMs' | 'endMs' | 'talkOverMs' | 'deadAirMs'> {
  const { what, reference, score, margin, levelDbfs, missingStartMs, gapsMs, candidates, why } = detection;
  const { frequencies, greetingLengthMs } = detection;
  return {
    what,
    ...(reference === undefined ? {} : { reference }),
    score,
    ...(margin === undefined ? {} : { margin }),
    ...(levelDbfs === undefined ? {} : { levelDbfs }),
    ...(missingStartMs === undefined ? {} : { missingStartMs }),
    ...(gapsMs === undefined ? {} : { gapsMs }),
    ...(candidates === undefined ? {} : { candidates }),
    ...(frequencies === undefined ? {} : { frequencies }),
    ...(greetingLengthMs === undefined ? {} : { greetingLengthMs }),
    ...(why === undefined ? {} : { why }),
  };
}

/** Times in whole milliseconds, scores with three decimals, levels with one. */
function rounded(heard: Heard): Heard {
  const digits = (name: string): number =>
    name === 'score' || name === 'margin' ? 1000 : name === 'levelDbfs' ? 10 : 1;
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(heard)) {
    result[name] = typeof value === 'number' ? Math.round(value * digits(name)) / digits(name) : value;
  }
  if (heard.candidates) {
    result.candidates = heard.candidates.map(({ reference, score }) => ({
      reference,
      score: Math.round(score * 1000) / 1000,
    }));
  }
  return result as unknown as Heard;
}
