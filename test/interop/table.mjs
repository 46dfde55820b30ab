// The interop tables, from what the suite reports: for the terminal, and for docs/interop.md.
import { FEATURES, PEERS, REASONS } from './features.mjs';

/** One line for each thing that was verified; what did not pass is last, where it is seen. */
export function printedTable(rows) {
  const width = Math.max(...rows.map((row) => `${row.peer} ${row.version}`.length), 4);
  const isPassed = ({ result }) => result === 'passed';
  return [...rows.filter(isPassed), ...rows.filter((row) => !isPassed(row))]
    .map((row) => {
      const peer = `${row.peer} ${row.version}`.padEnd(width);
      const reason = row.reason ? ` (${row.reason})` : '';
      return `${peer}  ${row.result.padEnd(7)}  ${row.verified}${reason}`;
    })
    .join('\n');
}

/** Marks in titles that no feature has: a test would count for nothing. */
export function unknownMarks(rows) {
  const known = new Set(Object.values(FEATURES).flatMap((section) => Object.keys(section)));
  return [...new Set(rows.flatMap((row) => row.features ?? []))].filter((mark) => !known.has(mark));
}

/** The page for people. */
export function markdownTable(rows, seconds) {
  const date = new Date().toISOString().slice(0, 10);
  const passed = rows.filter((row) => row.result === 'passed').length;
  const sorted = [...rows].sort((a, b) => order(a) - order(b));
  const body = sorted.map((row) => {
    const result = row.reason ? `${row.result}: ${row.reason}` : row.result;
    return `| ${[row.peer, row.version, row.verified, result, date].map(cell).join(' | ')} |`;
  });
  return `# Interoperability

Written by \`npm run test:interop\`: each test ran against the real program on 127.0.0.1, through a Node-RED flow.
${passed} of ${rows.length} passed, in ${seconds} s, with Node.js ${process.version}.

## What is shown with whom

A number counts the tests that passed; words say why there is none. "We" and "us" are our phones, "they" the peer. Kamailio
stands between two of our phones, or between one and Asterisk.

${matrix(rows)}
## Every test

<!-- prettier-ignore -->
| peer | version | what was verified | result | date |
| --- | --- | --- | --- | --- |
${body.join('\n')}
`;
}

function matrix(rows) {
  return Object.entries(FEATURES)
    .map(([section, features]) => {
      const lines = Object.entries(features).map(([mark, meaning]) => {
        const cells = PEERS.map((peer) => cellOf(rows, peer, mark));
        return `| ${[meaning, ...cells].map(cell).join(' | ')} |`;
      });
      return `### ${section}

<!-- prettier-ignore -->
| feature | ${PEERS.join(' | ')} |
| --- | ${PEERS.map(() => '---').join(' | ')} |
${lines.join('\n')}
`;
    })
    .join('\n');
}

function cellOf(rows, peer, mark) {
  const tests = rows.filter((row) => columnOf(row.peer) === peer && row.features?.includes(mark));
  const passed = tests.filter(({ result }) => result === 'passed').length;
  if (tests.length === 0) return REASONS[peer]?.[mark] ?? '**open**';
  if (passed === tests.length) return `✔ ${passed}`;
  return `**${passed} of ${tests.length}**`;
}

function columnOf(name) {
  return PEERS.find((peer) => name.startsWith(peer));
}

function order({ peer }) {
  const index = PEERS.indexOf(columnOf(peer));
  return index < 0 ? PEERS.length : index;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
