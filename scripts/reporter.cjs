// Mocha's spec report, and the figures handed to the process that started the run.
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      process.send?.({ passes, failures, pending });
    });
  }
};
