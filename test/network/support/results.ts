import { appendFileSync } from 'node:fs';

/** One line of the table "set against measured". */
export interface Line {
  network: string;
  figure: string;
  /** What was asked of the link. */
  set: string;
  /** What the link really did. */
  link: string;
  /** What the call's own report says. */
  report: string;
  /** What tshark says. */
  judge: string;
}

/** Hands a line to the process that writes the table, when there is one. */
export function tell(line: Line): void {
  const path = process.env.SIPFLOW_NETWORK_RESULTS;
  if (path) appendFileSync(path, `${JSON.stringify(line)}\n`);
}
