// A call that explains itself: its messages and audio as a ladder, for a terminal and as a picture.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorld, ladderOf, ladderSvg, ladderText, type IncomingCall } from '@sipflow/node-red-sipflow';

async function main(): Promise<void> {
  const world = createWorld();
  const alice = world.phone({ number: '1001' });
  const bob = world.phone({ number: '1002' });
  await Promise.all([alice.start(), bob.start()]);
  const received = new Promise<IncomingCall>((resolve) => {
    bob.onCall(async (call) => {
      await call.answer();
      resolve(call);
    });
  });

  const call = await alice.dial('1002');
  await call.outcome;
  const incoming = await received;
  await call.sendDigits({ digits: '42' });
  await call.hangup();

  const ladder = ladderOf({
    calls: [
      { ref: call.ref, phone: 'Alice', info: await call.info(), messages: call.trace() },
      { ref: incoming.ref, phone: 'Bob', info: await incoming.info(), messages: incoming.trace() },
    ],
  });
  const file = join(tmpdir(), 'sipflow-ladder.svg');
  writeFileSync(file, ladderSvg(ladder, { width: 700 }));
  console.log(`The picture is ${file}.`);
  console.log(ladderText(ladder, { columns: 80 }));
  await world.close();
}

void main();
