#!/usr/bin/env node
import { run } from './run';

const interruption = new AbortController();
const insistence = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  const insist = (): void => {
    insistence.abort();
    // Nobody listens any more: the signal does what it always does.
    process.kill(process.pid, signal);
  };
  process.once(signal, () => {
    interruption.abort();
    process.once(signal, insist);
  });
}

void run(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  out: process.stdout,
  interrupted: interruption.signal,
  insisted: insistence.signal,
  env: process.env,
}).then((code) => {
  process.exitCode = code;
});
