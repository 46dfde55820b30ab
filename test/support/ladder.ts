import type { Ladder, LadderCall } from '../../lib/evidence';
import type { Call } from '../../lib/calls';

/** A call as evidence, as a test case gathers it. */
export async function evidenceOf(call: Call, phone?: string): Promise<LadderCall> {
  return {
    ref: call.ref,
    info: await call.info(),
    messages: call.trace(),
    ...(phone === undefined ? {} : { phone }),
  };
}

/** Each row in a line: `1001 > 1002: INVITE | 1002 · offer PCMU`. */
export function rowLines({ lanes, rows }: Ladder): string[] {
  return rows.map((row) => {
    switch (row.kind) {
      case 'message': {
        const copies = row.copies > 1 ? ` ×${row.copies}` : '';
        return `${lanes[row.from].name} > ${lanes[row.to].name}: ${row.label}${copies} | ${row.detail}`;
      }
      case 'media':
        return `${lanes[row.from].name} = ${lanes[row.to].name}: ${row.text}`;
      case 'mark':
        return `${row.lane === undefined ? '' : `${lanes[row.lane].name} `}${row.result ?? row.mark}: ${row.text}`;
      case 'gap':
        return row.text;
    }
  });
}
