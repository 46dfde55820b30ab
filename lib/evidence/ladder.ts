import { Addresses, hostOf } from './addresses';
import { Clip, ends } from './clip';
import { exchangeOf, type Exchanged } from './exchange';
import { Lanes, type CallEnds } from './lanes';
import { markRows } from './mark-rows';
import { mediaRows, type Untimed } from './media-rows';
import { MessageWords } from './message-word';
import { readSip } from './sip-text';
import {
  LADDER_LIMITS,
  type Ladder,
  type LadderCall,
  type LadderInput,
  type LadderMarkRow,
  type LadderMediaRow,
  type LadderMessageRow,
  type LadderRow,
} from './types';
import { LADDER_WORDS } from './words';

/** A 2xx to an INVITE. */
const ANSWER = /^SIP\/2\.0 2\d\d [^]{0,8000}?\ncseq[ \t]*:[^\n]*INVITE/i;

type Timed = Untimed<LadderMessageRow> | Untimed<LadderMediaRow> | Untimed<LadderMarkRow>;

/**
 * Ladder of one call or of several, such as all of a test: participants, messages, media and marks in order. Plain data
 * for `ladderText`, `ladderSvg`, `ladderMermaid` and `ladderJson`. Never throws for data from the network; rows and
 * texts over `LADDER_LIMITS` are left out and counted.
 */
export function ladderOf(input: LadderInput): Ladder {
  const words = LADDER_WORDS[input.language ?? 'en'];
  const clip = new Clip();
  const calls = clip.calls(input.calls);
  const addresses = new Addresses(calls);
  const lanes = new Lanes(addresses, words, clip);
  const exchange = exchangeOf(calls, addresses);
  const messages = messageRows(exchange, lanes, new MessageWords(words), clip);
  const placed = calls.flatMap((call) => {
    const where = endsOf(call, addresses);
    return where ? [{ call, ends: where }] : [];
  });
  for (const { call, ends: where } of placed) lanes.meet(call, where);

  const earliest = exchange.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
  const startMs = input.startedAtMs ?? (Number.isFinite(earliest) ? earliest : 0);
  const laneByCall = new Map(placed.map(({ call, ends: { own } }) => [call.ref.id, lanes.placeOf(own)]));
  const laneOf = (id: string | undefined): number | undefined =>
    id === undefined ? undefined : laneByCall.get(id);
  const others = [
    ...mediaRows(placed, lanes, words),
    ...markRows({ ...input, calls }, startMs, { laneOf, words, clip }),
  ];
  lanes.finish();

  const { head, tail, left } = ends(inTime(messages, others), LADDER_LIMITS.rows);
  const gap =
    left > 0
      ? [{ kind: 'gap' as const, rows: left, text: words.rowsLeftOut(left), epochMs: tail[0].epochMs }]
      : [];
  return {
    format: 'sipflow-ladder/1',
    startedAt: messages.length + others.length > 0 ? isoTime(startMs) : null,
    lanes: lanes.list,
    rows: withTimes([...head, ...gap, ...tail], startMs),
    leftOut: clip.leftOut,
  };
}

function messageRows(
  exchange: readonly Exchanged[],
  lanes: Lanes,
  words: MessageWords,
  clip: Clip,
): Untimed<LadderMessageRow>[] {
  const legs = new Map<string, number>();
  return exchange.map((message) => {
    const { transport, from, to, times, text } = message;
    const sip = readSip(text);
    const callId = sip.header('call-id') ?? '';
    if (!legs.has(callId)) legs.set(callId, legs.size);
    const requester = sip.status === undefined ? from : to;
    const { label, detail, tone } = words.wordOf(sip, { callId, requester, host: hostOf(from) });
    lanes.hear(message, sip);
    return {
      kind: 'message',
      epochMs: message.atMs,
      from: lanes.placeOf(from),
      to: lanes.placeOf(to),
      leg: legs.get(callId) as number,
      callId: clip.text(callId, LADDER_LIMITS.detail),
      transport,
      method: clip.text(sip.method, LADDER_LIMITS.label),
      ...(sip.status === undefined ? {} : { status: sip.status }),
      label: clip.text(label, LADDER_LIMITS.label),
      detail: clip.text(detail, LADDER_LIMITS.detail),
      tone,
      copies: times.length,
      copiesAtMs: times.slice(1),
      text: clip.text(text, LADDER_LIMITS.text),
    };
  });
}

function endsOf({ ref, messages }: LadderCall, addresses: Addresses): CallEnds | undefined {
  if (messages.length === 0) return undefined;
  const [{ local, remote }] = messages;
  const answer = messages.findLast(({ text }) => ANSWER.test(text)) ?? messages[0];
  const callId = readSip(answer.text).header('call-id') ?? ref.callId;
  return {
    own: addresses.nameOf(local),
    peer: addresses.nameOf(remote),
    audio: {
      own: addresses.nameOf(answer.local),
      peer: addresses.nameOf(answer.remote),
      callId,
      ...(callId === ref.callId ? {} : { replacedAtMs: answer.atMs }),
    },
  };
}

/** All rows in order of time; at equal times steps come before messages, which they may have caused, the rest after. */
function inTime(messages: readonly Untimed<LadderMessageRow>[], others: readonly Timed[]): Timed[] {
  const waiting = [...others].sort((a, b) => a.epochMs - b.epochMs);
  const rows: Timed[] = [];
  for (const message of messages) {
    while (waiting.length > 0 && isBefore(waiting[0], message.epochMs)) rows.push(waiting.shift() as Timed);
    rows.push(message);
  }
  return [...rows, ...waiting];
}

function isBefore(row: Timed, epochMs: number): boolean {
  const causes = row.kind === 'mark' && (row.mark === 'step' || row.mark === 'prompt');
  return causes ? row.epochMs <= epochMs : row.epochMs < epochMs;
}

function withTimes(
  rows: readonly (Timed | Untimed<Extract<LadderRow, { kind: 'gap' }>>)[],
  startMs: number,
): LadderRow[] {
  let before = rows.at(0)?.epochMs ?? 0;
  return rows.map(({ epochMs, ...row }) => {
    const times = { atMs: Math.round(epochMs - startMs), deltaMs: Math.max(0, Math.round(epochMs - before)) };
    before = epochMs;
    if (row.kind !== 'message') return { ...row, ...times };
    return { ...row, ...times, copiesAtMs: row.copiesAtMs.map((copy) => Math.round(copy - startMs)) };
  });
}

function isoTime(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
