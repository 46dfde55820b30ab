import type { CallEnds, Lanes } from './lanes';
import type { LadderCall, LadderFlow, LadderMediaRow } from './types';
import type { LadderWords } from './words';

/** A row whose time is still that of the clock. */
export type Untimed<Row> = Omit<Row, 'atMs' | 'deltaMs'> & { epochMs: number };

/** The audio of the calls; the figures of both ends of one call are one bar. */
export function mediaRows(
  calls: readonly { call: LadderCall; ends: CallEnds }[],
  lanes: Lanes,
  words: LadderWords,
): Untimed<LadderMediaRow>[] {
  const bars = new Map<string, Untimed<LadderMediaRow>>();
  // The figures of a call that was transferred are of both its peers, so they stand back behind those of a new call.
  const inOrder = [...calls].sort((a, b) => Number(isTransferred(a.ends)) - Number(isTransferred(b.ends)));
  for (const { call, ends } of inOrder) {
    const { info } = call;
    const epochMs = ends.audio.replacedAtMs ?? mediaTime(call);
    if (!info || info.codec === null || epochMs === undefined) continue;
    const own = lanes.placeOf(ends.audio.own);
    const peer = lanes.placeOf(ends.audio.peer);
    const key = `${ends.audio.callId}\n${Math.min(own, peer)}\n${Math.max(own, peer)}`;
    const flows = flowsOf(info, own, peer);
    const bar = bars.get(key);
    if (!bar) {
      const { codec, srtp } = info;
      bars.set(key, { kind: 'media', epochMs, from: own, to: peer, codec, srtp, flows, text: '' });
    } else if (!isTransferred(ends)) {
      bar.epochMs = Math.max(bar.epochMs, epochMs);
      bar.flows = bar.flows.map((flow) => flows.find((other) => isBetterOf(other, flow)) ?? flow);
    }
  }
  for (const bar of bars.values()) bar.text = textOf(bar, words);
  return [...bars.values()];
}

function isTransferred({ audio }: CallEnds): boolean {
  return audio.replacedAtMs !== undefined;
}

/** When the call's audio began, as far as can be told: at the answer, else with the first response. */
function mediaTime({ info, messages }: LadderCall): number | undefined {
  const answered = Date.parse(info?.answeredAt ?? '');
  if (Number.isFinite(answered)) return answered;
  return messages.find(({ text }) => /^SIP\/2\.0 (18|2)/i.test(text) && /\nv=0/.test(text))?.atMs;
}

function flowsOf(info: NonNullable<LadderCall['info']>, own: number, peer: number): LadderFlow[] {
  if (!info.rtp) return [];
  const { sent, received } = info.rtp;
  const expected = received.packets + received.lost;
  const heard: LadderFlow = { from: peer, to: own, packets: received.packets };
  if (expected > 0) {
    heard.lossPercent = Math.round((1000 * Math.max(0, received.lost)) / expected) / 10;
    heard.jitterMs = Math.round(received.jitterMs * 10) / 10;
    if (info.mos !== null) heard.mos = info.mos;
  }
  return [{ from: own, to: peer, packets: sent.packets }, heard];
}

/** Whether the figures are of the same direction and from its receiver. */
function isBetterOf(other: LadderFlow, flow: LadderFlow): boolean {
  return other.from === flow.from && other.to === flow.to && other.lossPercent !== undefined;
}

/** `PCMU · → 250 packets, loss 0%, MOS 4.4 · ← 249 packets`; arrows as the lanes stand. */
function textOf({ codec, srtp, flows }: Untimed<LadderMediaRow>, words: LadderWords): string {
  const name = srtp ? `${codec} ${words.encrypted}` : codec;
  const parts = [...flows]
    .sort((a, b) => Number(a.from > a.to) - Number(b.from > b.to))
    .map(({ from, to, packets, lossPercent, mos }) =>
      [
        `${from <= to ? '→' : '←'} ${packets === 0 ? words.noPackets : words.packets(packets)}`,
        ...(lossPercent === undefined ? [] : [`${words.loss} ${lossPercent}%`]),
        ...(mos === undefined ? [] : [`MOS ${mos.toFixed(1)}`]),
      ].join(', '),
    );
  return [name, ...parts].join(' · ');
}
