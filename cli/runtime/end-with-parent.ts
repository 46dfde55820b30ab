import { Worker } from 'node:worker_threads';

/**
 * Kills this process soon after its parent is gone, also while a function node of a flow never gives back the main
 * thread, which then cannot hear that the parent hung up.
 */
export function endWithParent(): void {
  const watch = new Worker(WATCH, { eval: true, workerData: process.ppid, stdout: false });
  watch.unref();
}

/** Time for calls to be ended properly, in milliseconds. */
const GRACE_MS = 10_000;

const WATCH = `
const { workerData: parent } = require('node:worker_threads');
setInterval(() => {
  if (process.ppid !== parent) setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${GRACE_MS});
}, 1000);
`;
