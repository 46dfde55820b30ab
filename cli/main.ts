#!/usr/bin/env node
import { run } from './run';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interruption.abort());
}

void run(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  out: process.stdout,
  interrupted: interruption.signal,
  env: process.env,
}).then((code) => {
  process.exitCode = code;
});
