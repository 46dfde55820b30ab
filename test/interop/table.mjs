// The interop table, from what the suite reports: for the terminal, and for docs/interop.md.

/** One line for each thing that was verified. */
export function printedTable(rows) {
  const width = Math.max(...rows.map((row) => `${row.peer} ${row.version}`.length), 4);
  return rows
    .map((row) => {
      const peer = `${row.peer} ${row.version}`.padEnd(width);
      const reason = row.reason ? ` (${row.reason})` : '';
      return `${peer}  ${row.result.padEnd(7)}  ${row.verified}${reason}`;
    })
    .join('\n');
}

/** The page for people. */
export function markdownTable(rows, seconds) {
  const date = new Date().toISOString().slice(0, 10);
  const passed = rows.filter((row) => row.result === 'passed').length;
  const body = rows.map((row) => {
    const result = row.reason ? `${row.result}: ${row.reason}` : row.result;
    return `| ${[row.peer, row.version, row.verified, result, date].map(cell).join(' | ')} |`;
  });
  return `# Interoperability

Written by \`npm run test:interop\`: each line is a test that ran against the real program on 127.0.0.1, through a
Node-RED flow. ${passed} of ${rows.length} passed, in ${seconds} s, with Node.js ${process.version}.

<!-- prettier-ignore -->
| peer | version | what was verified | result | date |
| --- | --- | --- | --- | --- |
${body.join('\n')}
`;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
