// The table "set against measured", from what the suite reports: for the terminal, and for docs/network.md.

const COLUMNS = ['network', 'figure', 'set', 'link', 'report', 'judge'];
const TITLES = ['network', 'figure', 'set', 'the link did', 'call report', 'tshark'];

/** In columns of even width. */
export function printedTable(rows) {
  const cells = [TITLES, ...rows.map((row) => COLUMNS.map((column) => row[column]))];
  const widths = COLUMNS.map((_, n) => Math.max(...cells.map((line) => line[n].length)));
  return cells.map((line) => line.map((cell, n) => cell.padEnd(widths[n])).join('  ')).join('\n');
}

/** The page for people. */
export function markdownTable(rows) {
  const date = new Date().toISOString().slice(0, 10);
  const body = rows.map((row) => `| ${COLUMNS.map((column) => row[column]).join(' | ')} |`);
  return `# Calls over bad networks

Written by \`npm run test:network\` (as root, on Linux with iproute2, python3 and tshark) on ${date}, with Node.js
${process.version}. Two phones in network mode, each in a network namespace and a process of its own, call each other
over a link that delays, loses, repeats and reorders packets of SIP, RTP and RTCP alike, each way.

- _set_ is what was asked of the link, _the link did_ what chance made of it, by the link's own count.
- _call report_ is what \`sip-call-info\` shows after the call.
- _tshark_ is what an independent judge says of the packets captured behind the link.
- Jitter is that of RFC 3550: when each packet waits up to ±10 ms more or less, neighbours differ by 6.7 ms on average;
  the report's is the mean over the call, tshark's leaves out the packets of digits, whose timestamps stand still.
- A round trip is one pair of RTCP packets, each with a wait of its own.
- Set-up is the first call of two fresh processes: the start of a media worker is in it.

<!-- prettier-ignore -->
| ${TITLES.join(' | ')} |
| ${TITLES.map(() => '---').join(' | ')} |
${body.join('\n')}
`;
}
