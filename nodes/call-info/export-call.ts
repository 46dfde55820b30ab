import type { NodeAPI } from 'node-red';
import type {
  CallCapture,
  CallInfo,
  CallRecording,
  CallRef,
  DigitEvent,
  TracedMessage,
} from '../../lib/calls';
import {
  ladderJson,
  ladderMermaid,
  ladderOf,
  ladderSvg,
  ladderText,
  pcapOf,
  type Ladder,
} from '../../lib/evidence';
import type { ChoiceOf } from '../shared/field-table';
import type { callInfoFields } from './fields';

export type ExportKind = ChoiceOf<typeof callInfoFields.fields.export>;

/** A live call or the tombstone of an ended one. */
export interface Exportable {
  readonly ref: CallRef;
  readonly receivedDigits: readonly DigitEvent[];
  readonly recordings: readonly CallRecording[];
  trace(): TracedMessage[];
  capture(): Promise<CallCapture>;
}

/** A call for other programs: its ladder as text, Mermaid, SVG or JSON, or its packets. */
export async function exportCall(
  RED: NodeAPI,
  kind: Exclude<ExportKind, 'none'>,
  call: Exportable,
  info: CallInfo,
): Promise<string | Buffer> {
  if (kind === 'pcap') return Buffer.from(pcapOf([await call.capture()]).buffer);
  const ladder = ladderOfCall(RED, call, info);
  const { from, to } = call.ref;
  return {
    text: () => ladderText(ladder),
    mermaid: () => ladderMermaid(ladder),
    svg: () => ladderSvg(ladder, { title: `${from} → ${to}` }),
    json: () => ladderJson(ladder),
  }[kind]();
}

function ladderOfCall(RED: NodeAPI, call: Exportable, info: CallInfo): Ladder {
  const { ref, receivedDigits, recordings } = call;
  const messages = call.trace();
  const startedAtMs = messages[0]?.atMs ?? Date.parse(info.startedAt);
  // The time of a digit counts from when the media began, which without early media is the answer.
  const mediaAtMs = info.answeredAt === null ? undefined : Date.parse(info.answeredAt) - startedAtMs;
  const phone: unknown = RED.nodes.getNode(ref.instance)?.name;
  return ladderOf({
    calls: [
      {
        ref,
        info,
        messages,
        recordings: recordings.map(({ file }) => file.replace(/^.*[\\/]/, '')),
        ...(typeof phone === 'string' && phone !== '' ? { phone } : {}),
      },
    ],
    marks:
      mediaAtMs === undefined
        ? []
        : receivedDigits.map(({ digit, atMs }) => ({
            kind: 'digit' as const,
            atMs: mediaAtMs + atMs,
            text: digit,
            call: ref.id,
          })),
    startedAtMs,
  });
}
