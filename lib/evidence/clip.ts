import { LADDER_LIMITS, type Ladder, type LadderCall } from './types';

/** Cuts texts and lists to `LADDER_LIMITS`, and counts the rest. */
export class Clip {
  readonly leftOut: Ladder['leftOut'] = { calls: 0, messages: 0, marks: 0, lanes: 0, characters: 0 };

  /** The beginning of a text. */
  text(text: string, limit: number): string {
    if (text.length <= limit) return text;
    this.leftOut.characters += text.length - limit;
    return `${text.slice(0, limit)}…`;
  }

  calls(calls: readonly LadderCall[]): LadderCall[] {
    const kept = calls.slice(0, LADDER_LIMITS.calls);
    this.leftOut.calls = calls.length - kept.length;
    const total = kept.reduce((sum, { messages }) => sum + messages.length, 0);
    if (total <= LADDER_LIMITS.messages) return kept;
    const limit = Math.floor(LADDER_LIMITS.messages / kept.length);
    return kept.map((call) => {
      const { head, tail, left } = ends(call.messages, limit);
      this.leftOut.messages += left;
      return { ...call, messages: [...head, ...tail] };
    });
  }

  marks<Mark>(marks: readonly Mark[]): Mark[] {
    this.leftOut.marks += Math.max(0, marks.length - LADDER_LIMITS.marks);
    return marks.slice(0, LADDER_LIMITS.marks);
  }
}

/** Beginning and end of a list; a fault shows at the end more often than in the middle. */
export function ends<Item>(
  items: readonly Item[],
  limit: number,
): { head: readonly Item[]; tail: readonly Item[]; left: number } {
  if (items.length <= limit) return { head: items, tail: [], left: 0 };
  const tail = Math.floor(limit / 4);
  return {
    head: items.slice(0, limit - tail),
    tail: tail > 0 ? items.slice(-tail) : [],
    left: items.length - limit,
  };
}
