import { claimText, valueText } from './claim';
import type { Clip } from './clip';
import type { Untimed } from './media-rows';
import {
  LADDER_LIMITS,
  type LadderCall,
  type LadderCheck,
  type LadderInput,
  type LadderMarkKind,
  type LadderMarkRow,
  type LadderStep,
} from './types';
import type { LadderWords } from './words';

/** Kind of mark for the steps of these node types; those of others are a `step`. */
const STEP_KINDS: Readonly<Record<string, LadderMarkKind>> = {
  'sip-play-audio': 'prompt',
  'sip-listen': 'heard',
  'sip-record': 'recording',
  'sip-send-dtmf': 'digit',
  'sip-receive-dtmf': 'digit',
};

/** Steps, checks, recordings and other marks. */
export function markRows(
  input: LadderInput,
  startMs: number,
  context: { laneOf: (callId: string | undefined) => number | undefined; words: LadderWords; clip: Clip },
): Untimed<LadderMarkRow>[] {
  const { laneOf, words, clip } = context;
  const row = (
    mark: LadderMarkRow['mark'],
    epochMs: number,
    text: string,
    call: string | undefined,
    result?: LadderMarkRow['result'],
  ): Untimed<LadderMarkRow> => {
    const lane = laneOf(call);
    return {
      kind: 'mark',
      mark,
      epochMs,
      text: clip.text(text, LADDER_LIMITS.detail),
      ...(lane === undefined ? {} : { lane }),
      ...(result ? { result } : {}),
    };
  };
  return clip.marks([
    ...(input.steps ?? []).map((step) => row(stepKind(step), startMs + step.atMs, stepText(step), step.call)),
    ...(input.marks ?? []).map(({ kind, atMs, text, call }) => row(kind, startMs + atMs, text, call)),
    ...(input.checks ?? []).map((check) =>
      row('check', startMs + check.atMs, checkText(check, words), check.call, resultOf(check)),
    ),
    ...input.calls.flatMap((call) =>
      (call.recordings ?? []).map((file) =>
        row('recording', endOf(call), `${words.recording} ${baseName(file)}`, call.ref.id),
      ),
    ),
  ]);
}

function stepKind({ node }: LadderStep): LadderMarkKind {
  return Object.hasOwn(STEP_KINDS, node.type) ? STEP_KINDS[node.type] : 'step';
}

function stepText({ node, outcome, detail }: LadderStep): string {
  return `${node.name || node.type}: ${outcome}${detail ? ` ${detail}` : ''}`;
}

function resultOf({ ok, severity }: LadderCheck): LadderMarkRow['result'] {
  if (ok) return 'passed';
  return severity === 'warning' ? 'warning' : 'failed';
}

/** `codec is PCMU, got G722` */
function checkText(check: LadderCheck, words: LadderWords): string {
  const claim = claimText(check);
  return check.ok
    ? claim
    : `${claim}, ${words.got} ${check.got === undefined || check.got === null ? words.nothing : valueText(check.got)}`;
}

/** Recordings are final when the call has ended. */
function endOf({ info, messages }: LadderCall): number {
  const ended = Date.parse(info?.endedAt ?? '');
  return Number.isFinite(ended) ? ended : (messages.at(-1)?.atMs ?? 0);
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
