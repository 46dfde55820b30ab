// Mocha's spec report (dots with SIPFLOW_DOTS=1), the figures handed to the process that started the run, and what failed
// added to the file that SIPFLOW_FAILURES names: `.ci/run` prints it last, where it is seen without the whole log.
const { appendFileSync } = require('node:fs');
const { reporters } = require('mocha');

/** Lines of an error that are enough to know it by. */
const LINES = 12;

module.exports = class extends (process.env.SIPFLOW_DOTS ? reporters.Dot : reporters.Spec) {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on('fail', (test, error) => {
      failed.push(test.fullTitle());
      keep(test, error);
    });
    runner.once('end', () => {
      const { passes, pending } = runner.stats;
      process.send?.({ passes, failed, pending });
    });
  }
};

function keep(test, error) {
  const file = process.env.SIPFLOW_FAILURES;
  if (!file) return;
  const said = String(error?.stack ?? error)
    .split('\n')
    .slice(0, LINES);
  appendFileSync(file, `${test.fullTitle()}\n  ${test.file ?? ''}\n    ${said.join('\n    ')}\n`);
}
