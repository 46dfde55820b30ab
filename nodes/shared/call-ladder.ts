import type { Call, CallInfo, Tombstone } from '../../lib/calls';
import { type Ladder, type LadderLanguage, type LadderMark, ladderOf } from '../../lib/evidence';

/** One side of a call, which runs or is remembered, for a ladder. */
export interface LadderSide {
  call: Pick<Call | Tombstone, 'ref' | 'receivedDigits' | 'mediaStartedAt' | 'recordings' | 'trace'>;
  info: CallInfo;
  /** Name of its phone; empty when it has none. */
  phone: string;
}

/** The ladder of the sides of a call, with the digits that each has got. */
export function ladderOfSides(sides: readonly LadderSide[], language: LadderLanguage = 'en'): Ladder {
  const calls = sides.map(({ call, info, phone }) => ({
    ref: call.ref,
    info,
    messages: call.trace(),
    recordings: call.recordings.map(({ file }) => titleOf(file)),
    ...(phone === '' ? {} : { phone }),
  }));
  const startedAtMs = Math.min(
    ...calls.map(({ info, messages: [first] }) =>
      Math.min(Date.parse(info.startedAt), first?.atMs ?? Infinity),
    ),
  );
  const marks = sides.flatMap(({ call }): LadderMark[] => {
    const { ref, mediaStartedAt = startedAtMs } = call;
    return call.receivedDigits.map(({ digit, atMs }) => ({
      kind: 'digit',
      atMs: mediaStartedAt - startedAtMs + atMs,
      text: digit,
      call: ref.id,
    }));
  });
  return ladderOf({ calls, marks, startedAtMs, language });
}

/** Name of a file without its folders. */
export function titleOf(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
