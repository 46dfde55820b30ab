// A callee of the trials of verdicts, in a process of its own: what limits it takes no time of the generator.
import { tmpdir } from 'node:os';
import type { IncomingCall } from '../../lib/calls';
import { library } from '../signalling/built-library';

/** How a callee is: as it should be, slow to answer, refusing above so many calls a second, or silent to a share. */
export type CalleeMode =
  | { kind: 'sound' }
  | { kind: 'slow'; ms: number }
  | { kind: 'refusing'; perSecond: number }
  | { kind: 'silent'; share: number };

let mode: CalleeMode = { kind: 'sound' };
let second = 0;
let taken = 0;
let count = 0;

function take(call: IncomingCall): void {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) [second, taken] = [now, 0];
  taken += 1;
  count += 1;
  const answer = (): void => void call.answer().catch(() => undefined);
  if (mode.kind === 'sound') answer();
  else if (mode.kind === 'slow') setTimeout(answer, mode.ms);
  else if (mode.kind === 'refusing') {
    if (taken > mode.perSecond) void call.reject({ status: 503 }).catch(() => undefined);
    else answer();
  } else if ((37 * count) % 100 >= 100 * mode.share) answer();
}

async function main(): Promise<void> {
  const world = library.createWorld({ engine: library.createNullMediaEngine() });
  const phone = world.phone({
    number: 'callee',
    mode: 'network',
    bindAddress: '127.0.0.1',
    port: 0,
    maxCalls: 10_000,
    rtpPortMin: 40_000,
    rtpPortMax: 59_999,
    audioDir: tmpdir(),
  });
  phone.onCall(take, { ring: false });
  await phone.start();
  process.on('message', (next: CalleeMode) => {
    mode = next;
    process.send?.({ ready: true });
  });
  process.send?.({ port: phone.address?.port });
}

void main();
