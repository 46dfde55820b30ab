// Mocha's spec report, and the figures handed to the process that started the run.
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on('fail', (test) => failed.push(test.fullTitle()));
    runner.once('end', () => {
      const { passes, pending } = runner.stats;
      process.send?.({ passes, failed, pending });
    });
  }
};
